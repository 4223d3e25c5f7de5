import { spawnSync } from 'node:child_process'
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { unpack } from './untar.js'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'caicaini-untar-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  mkdirSync(join(dir, 'top/bin'), { recursive: true })
})

/** What the system's own tar makes of the folder `top`. */
function archive(...options: string[]): string {
  const file = join(dir, 'x.tar')
  expect(spawnSync('tar', ['-cf', file, ...options, 'top'], { cwd: dir }).status).toBe(0)
  return file
}

test.each(['ustar', 'pax'])('files, folders and long names of %s come out as they went in', async (format) => {
  const long = `${'deep/'.repeat(18)}${'n'.repeat(90)}.txt`
  mkdirSync(join(dir, 'top', long, '..'), { recursive: true })
  writeFileSync(join(dir, 'top', long), 'far down')
  writeFileSync(join(dir, 'top/bin/tool'), 'x'.repeat(100_000), { mode: 0o755 })
  writeFileSync(join(dir, 'top/empty'), '')
  await unpack(createReadStream(archive(`--format=${format}`)), join(dir, 'out'))
  expect(readFileSync(join(dir, 'out', long), 'utf8')).toBe('far down')
  expect(readFileSync(join(dir, 'out/bin/tool')).length).toBe(100_000)
  expect(statSync(join(dir, 'out/bin/tool')).mode & 0o111).not.toBe(0)
  expect(statSync(join(dir, 'out/empty')).size).toBe(0)
})

test('one that ends too soon, or has a byte changed, is refused', async () => {
  writeFileSync(join(dir, 'top/bin/tool'), 'x'.repeat(10_000))
  const whole = readFileSync(archive())
  for (const length of [0, 100, 512, 1536, 6000]) {
    const cut = unpack(Readable.from([whole.subarray(0, length)]), join(dir, `cut-${length}`))
    await expect(cut).rejects.toThrow('ends too soon')
  }
  const changed = Buffer.from(whole)
  changed[2] = 0x7a
  await expect(unpack(Readable.from([changed]), join(dir, 'changed'))).rejects.toThrow('damaged')
})

test('a link, and a name that leads outside, are refused before they are made', async () => {
  symlinkSync('/etc', join(dir, 'top/link'))
  await expect(unpack(createReadStream(archive()), join(dir, 'a'))).rejects.toThrow('"top/link"')
  rmSync(join(dir, 'top/link'))
  writeFileSync(join(dir, 'top/evil'), 'x')
  const outside = archive('--transform=s,top/evil,top/../../evil,', '-P')
  await expect(unpack(createReadStream(outside), join(dir, 'b/c'))).rejects.toThrow('does not belong there')
  expect(existsSync(join(dir, 'evil'))).toBe(false)
})
