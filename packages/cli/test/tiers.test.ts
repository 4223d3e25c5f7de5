import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { answer, KEY, type PlayedServer, playServer } from './support/played-server.js'
import { CLI, createHome, type Home, runCli } from './support/run-cli.js'

let home: Home
let server: PlayedServer

beforeEach(async () => {
  home = createHome()
  server = await playServer((_, response) => answer(response, ['# ok\n']))
})

afterEach(async () => {
  await server.close()
  home.remove()
})

/** Tells at the end which files were loaded. */
const TRACE = `
import { registerHooks } from 'node:module'
const loaded = []
registerHooks({ load: (url, context, next) => { if (url.startsWith('file:')) loaded.push(url); return next(url, context) } })
process.on('exit', () => process._rawDebug('loaded ' + JSON.stringify(loaded)))`

async function loadedBy(...words: string[]): Promise<string[]> {
  const env = {
    ...home.env,
    CAICAINI_BASE_URL: server.url,
    CAICAINI_API_KEY: KEY,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(TRACE)}`
  }
  const { stderr } = await runCli(words, { env })
  return JSON.parse(/^loaded (.*)$/m.exec(stderr)?.[1] ?? '[]').map((url: string) => readFileSync(new URL(url), 'utf8'))
}

test('--version and --help load next to nothing', async () => {
  expect((await loadedBy('--version')).length).toBeLessThanOrEqual(2)
  expect((await loadedBy('--help')).length).toBeLessThanOrEqual(4)
})

test('one answer loads no part of the chat, of markdown, of schemas, or of the server', async () => {
  const loaded = await loadedBy('-q', '--no-stdin', 'hi')
  expect(loaded.length).toBeGreaterThan(5)
  const has = (texts: readonly string[], word: string) => texts.some((text) => text.includes(word))
  const words = ['react.transitional.element', 'ZodType', 'Ajv2020', 'advance(newMarkdownStream']
  expect(words.filter((word) => has(loaded, word))).toEqual([])
  // A word that is nowhere would prove nothing.
  const dist = dirname(CLI)
  const bundle = readdirSync(dist).map((name) => (name.endsWith('.js') ? readFileSync(join(dist, name), 'utf8') : ''))
  const server = await loadedBy('--local', '-q', '--no-stdin', 'hi')
  expect(words.filter((word) => !has([...bundle, ...server], word))).toEqual([])
})
