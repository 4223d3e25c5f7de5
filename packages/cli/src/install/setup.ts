import { homedir } from 'node:os'
import { dirname } from 'node:path'
import { argv, env, platform, stderr, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import type { Env } from '../lib/io.js'
import { install } from './install.js'

/*
 * What the installers and `caicaini update` call with the runtime of the release that they have verified and unpacked:
 * setup.js --root DIR --bin DIR --stage DIR --base-url ADDRESS [--update]
 */
process.exitCode = await setUp(argv.slice(2), env)

async function setUp(args: string[], given: Env): Promise<number> {
  const text = { type: 'string', default: '' } as const
  const update = { type: 'boolean', default: false } as const
  const options = { root: text, bin: text, stage: text, 'base-url': text, update }
  const { values } = parseArgs({ args, options })
  try {
    await install({
      root: values.root,
      binDir: values.bin,
      stage: values.stage,
      baseUrl: values['base-url'],
      isUpdate: values.update,
      home: given.HOME || homedir(),
      env: given,
      platform,
      nowMs: () => Date.now(),
      say: (line) => void stdout.write(`${line}\n`)
    })
    return 0
  } catch (error) {
    stderr.write(`caicaini: not installed: ${describe(error)}\n`)
    return 1
  }
}

function describe(error: unknown): string {
  const { code, path, message } = error as NodeJS.ErrnoException
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM')
    return `${path ?? 'a folder'} cannot be written. CAICAINI_INSTALL_DIR and CAICAINI_BIN_DIR name other folders.`
  if (code === 'ENOSPC') return `there is no space left in ${path === undefined ? 'the folder' : dirname(path)}`
  return message
}
