import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHome } from './run-cli.js'
import { openTerminal, type TerminalOptions, type TestTerminal } from './terminal.js'

/** A home for chats over the embedded server with its sandbox. */
export interface ChatHome {
  readonly dir: string
  readonly env: Record<string, string>
  /** A chat that is ready for typing; the terminals are closed with the home. */
  open(options?: Partial<TerminalOptions>, words?: readonly string[]): Promise<TestTerminal>
  /** The same as plain lines, which `options` or `words` ask for. */
  openLinear(options: Partial<TerminalOptions>, words?: readonly string[]): Promise<TestTerminal>
  /** The same with the server that `env` names. */
  openRemote(options: TerminalOptions, words?: readonly string[]): Promise<TestTerminal>
  /** Called with the server's address before such a chat is opened. */
  beforeRemote: (url: string) => void
  /** The directory of settings, made where it is not there. */
  settings(): string
  /** Every file below the home's settings. */
  files(): string[]
  /** The file with the draft, once `text` is in it. */
  draftWith(text: string): Promise<string>
  remove(): void
}

/** How often a file is looked at that another process writes. */
const LOOK_MS = 20

export function chatHome(): ChatHome {
  const home = createHome()
  const terminals: TestTerminal[] = []
  const open = async (words: readonly string[], options: TerminalOptions, ready = /balance [\d,.]+/) => {
    const terminal = openTerminal(['-m', 'haiku', ...words], { cwd: home.dir, ...options })
    terminals.push(terminal)
    await terminal.until(ready)
    return terminal
  }
  const files = () => {
    const settings = join(home.dir, '.config')
    if (!existsSync(settings)) return []
    return readdirSync(settings, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  }
  return {
    dir: home.dir,
    env: home.env,
    open: (options = {}, words = []) => open(['--local', ...words], { env: home.env, ...options }),
    openLinear: (options, words = []) => open(['--local', ...words], { env: home.env, ...options }, /You: /),
    beforeRemote: () => {},
    openRemote(options, words = []) {
      this.beforeRemote(options.env.CAICAINI_BASE_URL ?? '')
      return open(words, options)
    },
    settings() {
      const dir = join(home.dir, '.config/caicaini')
      mkdirSync(dir, { recursive: true })
      return dir
    },
    files,
    async draftWith(text) {
      for (;;) {
        const draft = files().find((file) => file.endsWith('draft.json') && readFileSync(file, 'utf8').includes(text))
        if (draft) return draft
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      }
    },
    remove() {
      for (const terminal of terminals) terminal.close()
      home.remove()
    }
  }
}
