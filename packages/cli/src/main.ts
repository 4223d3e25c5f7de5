import { keepCompiledCode } from './compile-cache.js'
import { VERSION } from './version.js'

// A module of Node that is imported by name takes 3 to 4 ms, a sixth of a short start: this file imports none.
const { env } = process
const { writeSync } = process.getBuiltinModule('node:fs')
const argv = process.argv.slice(2)
const only = argv.length === 1 ? argv[0] : undefined

if (only === '--version' || only === '-V') {
  print(`${VERSION}\n`)
} else if (only === '--help' || only === '-h' || only === 'help') {
  const { HELP } = await import('./help.js')
  print(HELP)
} else {
  keepCompiledCode(env)
  const { runProcess } = await import('./run-process.js')
  await runProcess(argv, env)
}

/** Past `process.stdout`, whose making takes another 3 ms, unless a reader is slow or gone: that is its business. */
function print(text: string): void {
  let bytes = Buffer.from(text)
  try {
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(1, bytes))
  } catch {
    process.stdout.write(bytes)
  }
}
