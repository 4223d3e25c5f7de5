import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { COMMANDS } from './command-table.js'
import { HELP } from './help.js'
import { SETTINGS } from './lib/config.js'
import { createProgram, isCommand, isOneEditAway } from './program.js'
import { runToExitCode } from './run-process.js'
import { createTestContext, type TestOptions } from './testing/test-context.js'
import { VERSION } from './version.js'

const packageFile = join(import.meta.dirname, '../package.json')
const docsFile = join(import.meta.dirname, '../../../docs/cli.md')

async function caicaini(words: string[], options: TestOptions = {}) {
  const t = createTestContext(options)
  return { exit: await runToExitCode(words, t.facts), out: t.stdout(), err: t.stderr(), requests: t.server.requests }
}

/** The program with every command's flags declared. */
async function wholeProgram(): Promise<Map<string, Command>> {
  const t = createTestContext()
  const program = createProgram({ io: t.facts.io, version: '1', makeContext: () => t.context })
  const commands = new Map([['', program]])
  for (const [path, { load }] of Object.entries(COMMANDS)) {
    const command = path
      .split(' ')
      .reduce<Command | undefined>((parent, name) => parent?.commands.find((child) => child.name() === name), program)
    if (!command) throw new Error(`${path} is not in the program`)
    const { define } = await load()
    define(command, () => t.context)
    commands.set(path, command)
  }
  return commands
}

test('the version is that of the package', () => {
  expect(VERSION).toBe(JSON.parse(readFileSync(packageFile, 'utf8')).version)
})

test('the help names every command and every option of the root', async () => {
  const commands = await wholeProgram()
  for (const option of commands.get('')?.options ?? []) {
    for (const flag of [option.short, option.long]) if (flag) expect(HELP).toMatch(new RegExp(`[ ,]${flag}\\b`))
  }
  for (const path of Object.keys(COMMANDS)) {
    const [first, ...rest] = path.split(' ')
    const line = HELP.split('\n').find((one) => one.startsWith(`  ${first} `))
    for (const word of rest.slice(0, 1)) expect(line).toMatch(new RegExp(`[ |]${word}\\b`))
    expect(line).toBeDefined()
  }
})

test('docs/cli.md names every command and every option', async () => {
  const docs = readFileSync(docsFile, 'utf8')
  for (const [path, command] of await wholeProgram()) {
    const section = path === '' ? docs : (docs.split(`### caicaini ${path}\n`)[1]?.split(/^##/m)[0] ?? '')
    expect(section, path).not.toBe('')
    for (const { short, long } of command.options) {
      for (const flag of [short, long]) if (flag) expect(section, path).toContain(`\`${flag}`)
    }
  }
})

test('docs/cli.md names every setting', () => {
  const docs = readFileSync(docsFile, 'utf8')
  for (const name of Object.keys(SETTINGS)) expect(docs).toContain(`| \`${name}\` |`)
})

test('every command tells about itself', async () => {
  for (const path of Object.keys(COMMANDS)) {
    const { exit, out } = await caicaini([...path.split(' '), '--help'])
    expect(exit).toBe(0)
    expect(out).toContain(`Usage: caicaini ${path}`)
  }
})

test('help for what is asked, a prompt for what is not', async () => {
  expect((await caicaini(['-m', 'haiku', '--help'])).out).toBe(HELP)
  expect((await caicaini(['help', 'keys', 'create'])).out).toContain('Usage: caicaini keys create')
  expect((await caicaini(['help', 'me', 'write'])).requests[0]?.body).toContain('help me write')
})

test.each([
  [['--bogus']],
  [['keys']],
  [['keys', 'lst']],
  [['balance', 'extra']],
  [['x', '--max-tokens', '0']],
  [['x', '--max-tokens', 'many']],
  [['x', '--output-format', 'xml']],
  [['x', '--fork']],
  [['x', '--effort', 'some']],
  [['x', '-x', '--xl']],
  [['x', '--max-credits', 'many']],
  [['x', '--system', 'a', '--system-file', '/none']],
  [['x', '--system-file', '/none']],
  [['x', '--schema', '/none']],
  [['x', '--template', 'none']],
  [['x', '-f', '/none']],
  [['x', '-r']],
  [['-r', 'x']],
  [['x', '-c', '--no-save']],
  [['balance', '--data', '/d']],
  [['modles']],
  [['--print']]
])('%o is a usage error that says why', async (words) => {
  const { exit, out, err, requests } = await caicaini(words)
  expect({ exit, out, requests: requests.length }).toEqual({ exit: 2, out: '', requests: 0 })
  expect(err.length).toBeGreaterThan(20)
})

test('a slip in a command is met with a suggestion', async () => {
  expect((await caicaini(['balnace'])).err).toContain("did you mean 'balance'")
  expect((await caicaini(['keys', 'lst'])).err).toContain('Did you mean list?')
})

test.each([
  ['balnace', 'balance', true],
  ['modls', 'models', true],
  ['modelss', 'models', true],
  ['nodels', 'models', true],
  ['models', 'models', false],
  ['novels', 'models', false]
])('%s is one edit from %s: %o', (from, to, near) => {
  expect(isOneEditAway(from, to)).toBe(near)
})

test('-p and -- make every word part of the prompt', async () => {
  expect(isCommand(['-p', 'balance'])).toBe(false)
  expect(isCommand(['balance', '-p'])).toBe(false)
  expect(isCommand(['--', 'balance'])).toBe(false)
  expect(isCommand(['balance'])).toBe(true)
  expect(isCommand(['keys', 'edit', '--', '-odd-name'])).toBe(true)
  expect((await caicaini(['-p', 'models', 'of', 'the', 'atom'])).requests[0]?.body).toContain('models of the atom')
  expect((await caicaini(['--', 'balance', '-x'])).requests[0]?.body).toContain('balance -x')
})

test('the value of an option is no command', () => {
  expect(isCommand(['-m', 'balance', 'x'])).toBe(false)
  expect(isCommand(['-qm', 'balance'])).toBe(false)
  expect(isCommand(['--system', 'balance', 'x'])).toBe(false)
  expect(isCommand(['--system=balance', 'balance'])).toBe(true)
  expect(isCommand(['--data', '/d', 'balance'])).toBe(true)
})

test("a command's own options are not taken for those of a prompt", async () => {
  const { exit, err } = await caicaini(['chats', 'export', 'chat_0', '-o', '/tmp/x'])
  expect({ exit, err }).toEqual({ exit: 2, err: expect.stringContaining('"chat_0" is no chat') })
  expect((await caicaini(['balance', '-q'])).err).toContain("unknown option '-q'")
})

test('options of every command may stand before or after it', async () => {
  for (const words of [
    ['--local', '--data', '/d', 'auth', 'token'],
    ['auth', '--data', '/d', 'token', '--local']
  ]) {
    expect((await caicaini(words)).err).toContain('--local uses no key')
  }
})

test('what nobody foresaw is one line, without a stack', async () => {
  const { exit, err } = await caicaini(['balance'], {
    play: () => {
      throw new TypeError('x is not a function')
    }
  })
  expect(exit).toBe(1)
  expect(err).toBe('caicaini: unexpected error: x is not a function (CAICAINI_DEBUG=1 tells more)\n')
})
