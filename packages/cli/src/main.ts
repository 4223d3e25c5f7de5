import { env } from 'node:process'
import { keepCompiledCode } from './compile-cache.js'
import { VERSION } from './version.js'

const argv = process.argv.slice(2)
const only = argv.length === 1 ? argv[0] : undefined

if (only === '--version' || only === '-V') {
  process.stdout.write(`${VERSION}\n`)
} else if (only === '--help' || only === '-h' || only === 'help') {
  const { HELP } = await import('./help.js')
  process.stdout.write(HELP)
} else {
  keepCompiledCode(env)
  const { runProcess } = await import('./run-process.js')
  await runProcess(argv, env)
}
