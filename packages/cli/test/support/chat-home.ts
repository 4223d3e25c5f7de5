import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHome } from './run-cli.js'
import { openTerminal, type TerminalOptions, type TestTerminal } from './terminal.js'

/** A home for chats over the embedded server with its sandbox. */
export interface ChatHome {
  readonly dir: string
  readonly env: Record<string, string>
  /** A chat that is ready for typing; the terminals are closed with the home. */
  open(options?: Partial<TerminalOptions>, words?: readonly string[]): Promise<TestTerminal>
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
    async open(options = {}, words = []) {
      const terminal = openTerminal(['--local', '-m', 'haiku', ...words], { env: home.env, cwd: home.dir, ...options })
      terminals.push(terminal)
      await terminal.until(/balance [\d,.]{5}/)
      return terminal
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
