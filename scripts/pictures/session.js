/* The golden session: what is typed, and at which moments a picture is taken. The sandbox answers. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, runtime } from '../setup.js'
import { openTerminal } from './terminal.js'

const ENTER = '\r'
const ESCAPE = '\u001b'
const CTRL_R = '\u0012'
const CTRL_U = '\u0015'

/** Each with what it is told as to those who do not see it. */
export const MOMENTS = {
  answer: 'A finished answer with headings, code and a table; below it what it cost',
  streaming: 'An answer as it comes, with the time, the tokens and the cost so far; a message waits below it',
  model: 'The list of models with their prices',
  resume: 'The list of earlier chats with their age and what they cost',
  input: 'A large paste and a file in the input',
  cost: 'The question before a message that costs more than usual',
  search: 'The search in earlier messages',
  narrow: 'The same answer in 40 columns'
}

/** Directives of the sandbox lie in files, so that the pictures show what people would type. */
const FILES = {
  'history.md': 'Three branches: main, next, topic. [sandbox markdown] [sandbox slow 25]',
  'branches.txt': 'main\nnext\ntopic\n[sandbox markdown] [sandbox slow 100]',
  'report.csv': Array.from(
    { length: 400 },
    (_, i) => `2026-11-${String((i % 28) + 1).padStart(2, '0')},${i * 37},ok`
  ).join('\n')
}
const LOG = Array.from(
  { length: 312 },
  (_, i) => `${i + 1}: GET /api/orders/${1000 + i * 7} 200 in ${(i * 13) % 90} ms`
)

/** Plays it in a terminal of `columns` with the colours of `theme`; a screen for each moment that was `wanted`. */
export async function playSession({ folder, theme, columns, rows, wanted }) {
  mkdirSync(join(folder, 'work'))
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, 'work', name), text)
  setTheme(theme, folder)
  const screens = {}
  const moments = wanted.includes('narrow') ? [narrow] : [answer, streaming, lists, input, search]
  const terminal = start({ folder, columns, rows })
  for (const moment of moments) await moment(terminal, screens)
  await terminal.close()
  if (wanted.includes('cost')) await costQuestion({ folder, columns, rows }, screens)
  return screens
}

function start({ folder, columns, rows, env }) {
  const data = join(folder, 'data')
  const args = ['--local', '--data', data]
  return openTerminal({ args, columns, rows, folder: join(folder, 'work'), env: { HOME: folder, ...env } })
}

function setTheme(theme, folder) {
  configure(['theme', theme], folder)
}

function configure([name, value], folder) {
  const cli = join(root, 'packages/cli/bin/caicaini.js')
  execFileSync(runtime, [cli, 'config', 'set', name, value], {
    env: { HOME: folder, PATH: process.env.PATH },
    stdio: 'ignore'
  })
}

async function answer(terminal, screens) {
  await terminal.until(/balance \d.*\n/)
  await attach(terminal, 'How do I move a branch with git rebase --onto? @history.md', 'history.md')
  terminal.type(ENTER)
  await terminal.until(/↳/)
  await terminal.quiet()
  screens.answer = terminal.rows()
}

async function narrow(terminal, screens) {
  await answer(terminal, screens)
  screens.narrow = screens.answer
}

async function streaming(terminal, screens) {
  await attach(terminal, 'And once more, slowly: @branches.txt', 'branches.txt')
  terminal.type(ENTER)
  await terminal.until(/Esc stops/)
  terminal.type('Which of these can be undone?')
  terminal.type(ENTER)
  await terminal.until(/waits: Which/)
  terminal.type('and is there a')
  const first = /^› And once more/
  await terminal.until(/git rebase --onto main next topic[\s\S]*git rebase --onto main next topic/)
  screens.streaming = await terminal.until(/git log --oneline[\s\S]*git log --oneline/, () => terminal.rows(first))
  terminal.type(ESCAPE)
  await terminal.until(/stopped/)
  await terminal.until(/stopped[\s\S]*↳/)
  // What waited is sent by an Enter without text.
  terminal.type(CTRL_U)
  terminal.type(ENTER)
  await terminal.until(/Which of these[\s\S]*↳/)
  await terminal.quiet()
}

async function lists(terminal, screens) {
  await command(terminal, '/model', /Which model/)
  screens.model = terminal.rows(/^› Which of these/)
  terminal.type(ESCAPE)
  await terminal.quiet()
  await command(terminal, '/rename Moving branches', /is called/)
  for (const [text, answered] of [
    ['What is a fast-forward merge, in one sentence?', /fast-forward[\s\S]*↳/],
    ['用三句话解释 git bisect 的原理', /bisect[\s\S]*↳/]
  ]) {
    await command(terminal, '/clear', /a new chat\n[\s\S]*$/)
    terminal.type(`${text}${ENTER}`)
    await terminal.until(answered)
    await terminal.quiet()
  }
  await command(terminal, '/clear', /bisect[\s\S]*a new chat/)
  await terminal.quiet()
  await command(terminal, '/resume', /Which chat/)
  screens.resume = terminal.rows(/^› 用三句话/)
  terminal.type(ESCAPE)
  await terminal.quiet()
}

async function input(terminal, screens) {
  terminal.type('Why do some of these take so long? ')
  terminal.type(`\u001b[200~${LOG.join('\n')}\u001b[201~`)
  await terminal.until(/pasted 312 lines/)
  await attach(terminal, ' @report.csv', 'report.csv')
  screens.input = terminal.rows(/^a new chat/)
  terminal.type(CTRL_U)
  await terminal.quiet()
}

async function search(terminal, screens) {
  terminal.type(CTRL_R)
  await terminal.until(/\(search\)/)
  terminal.type('merge')
  await terminal.until(/\(search\) merge/)
  await terminal.quiet()
  screens.search = terminal.rows(/^a new chat/)
  terminal.type(ESCAPE)
}

/** In a session of its own: the limit is read when a chat begins. */
async function costQuestion({ folder, columns, rows }, screens) {
  configure(['ask-above-credits', '0.01'], folder)
  const terminal = start({ folder, columns, rows })
  await terminal.until(/balance \d.*\n/)
  await attach(terminal, 'Which day was the slowest? @report.csv', 'report.csv')
  terminal.type(ENTER)
  await terminal.until(/Enter sends it/)
  await terminal.quiet()
  screens.cost = terminal.rows()
  await terminal.close()
}

/** Types `text`, which ends in an @path, and takes what is offered for it. */
async function attach(terminal, text, name) {
  terminal.type(text)
  await terminal.until(new RegExp(`❯ ${name}`))
  terminal.type('\t')
  await terminal.until(new RegExp(`\\[${name} [^\\]]*tokens\\]`))
  await terminal.quiet()
}

async function command(terminal, text, done) {
  terminal.type(text)
  await terminal.quiet()
  terminal.type(ENTER)
  await terminal.until(done)
  await terminal.quiet()
}
