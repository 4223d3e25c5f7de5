import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { expect, test } from 'vitest'

const PROGRAM = `
import { createStderrLog } from ${JSON.stringify(new URL('./log.ts', import.meta.url).href)}
const log = await createStderrLog('info')
for (let i = 0; i < 5; i++) {
  log.info({ i, key: 'cai_api_secret', nested: { authorization: 'Bearer cai_api_secret' } }, 'line')
  await new Promise((resolve) => setTimeout(resolve, 5))
}
console.log('done')
`

function run(stderr: number | 'pipe') {
  return spawnSync(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    stdio: ['ignore', 'pipe', stderr],
    encoding: 'utf8',
    timeout: 10_000
  })
}

test('lines are JSON on stderr, without a secret that slipped in', () => {
  const { status, stdout, stderr } = run('pipe')
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'done\n' })
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ i, msg }) => `${msg} ${i}`)).toEqual(['line 0', 'line 1', 'line 2', 'line 3', 'line 4'])
  expect(stderr).not.toContain('cai_api_secret')
})

// Linux's /dev/full answers every write as a full disk does.
test.skipIf(!existsSync('/dev/full'))('a log that cannot be written stops nothing, not even the end', () => {
  const full = openSync('/dev/full', 'w')
  const { status, stdout } = run(full)
  closeSync(full)
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'done\n' })
})
