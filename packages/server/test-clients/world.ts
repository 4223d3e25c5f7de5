import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChatCompletionRequest, LLMock } from '@copilotkit/aimock'
import { expect } from 'vitest'
import { withChatProvider } from '../src/testing/catalog.js'
import { createTestServer } from '../src/testing/server.js'

/** The tool by which each agent runs a command, and a call of it that reads the file. */
const READ_FILE: Readonly<Record<string, Record<string, unknown>>> = {
  Bash: { command: 'cat secret.txt', description: 'Read the file' },
  bash: { command: 'cat secret.txt', description: 'Read the file' },
  exec_command: { cmd: 'cat secret.txt' },
  get_weather: { city: 'Łódź' }
}

/**
 * Names by which Codex knows models of OpenAI's, and offers them freeform tools: to the one a tool for patches, to the other one that
 * runs JavaScript, in which all others are functions.
 */
export const OPENAI_NAMES = ['gpt-5.5', 'gpt-6-luna']

const PATCH = ['*** Begin Patch', '*** Update File: secret.txt', '@@', '-fish', '+"bird" 🐦', '*** End Patch', ''].join(
  '\n'
)
const CHANGE_FILE: Readonly<Record<string, string>> = {
  apply_patch: PATCH,
  functions__exec: `text(await tools.apply_patch(${JSON.stringify(PATCH)}))`
}

const EDIT = ['secret.txt', '```', '<<<<<<< SEARCH', 'fish', '=======', 'bird', '>>>>>>> REPLACE', '```']

export interface Ran {
  readonly code: number | null
  readonly output: string
}

/** A server in front of two played providers, and a folder with a file, for one client. `model` is served as `OPENAI_NAMES` too. */
export async function createWorld(model: string) {
  const upstream = new LLMock({ port: 0, host: '127.0.0.1' })
  upstream.on({ hasToolResult: true }, { content: 'The file says fish.' })
  for (const [name, input] of Object.entries(CHANGE_FILE)) {
    const isWanted = (request: ChatCompletionRequest) => offers(request, name) && asksFor(request, 'change secret.txt')
    upstream.on({ predicate: isWanted }, { toolCalls: [{ name, arguments: { input } }] })
  }
  // aider offers no tools: what is to be changed stands in the answer.
  upstream.on(
    { predicate: ({ messages }) => JSON.stringify(messages).includes('SEARCH/REPLACE') },
    { content: EDIT.join('\n') }
  )
  for (const [name, args] of Object.entries(READ_FILE)) {
    upstream.on({ predicate: (request) => offers(request, name) }, { toolCalls: [{ name, arguments: args }] })
  }
  upstream.on({ predicate: () => true }, { content: 'Hello from the other side.' })
  await upstream.start()
  const t = await createTestServer({
    credits: 1_000_000,
    env: { CAICAINI_ANTHROPIC_BASE_URL: upstream.url, OPENAI_API_KEY: 'sk-operator' },
    catalog: (shipped) => {
      const file = withChatProvider(`${upstream.url}/v1`)(shipped)
      file.models.find(({ id }) => id === model)?.aliases.push(...OPENAI_NAMES)
      return file
    }
  })
  const folder = mkdtempSync(join(tmpdir(), 'caicaini-client-'))
  writeFileSync(join(folder, 'secret.txt'), 'fish\n')

  return {
    url: t.url,
    key: t.key,
    folder,
    /** Runs a client in the folder, which is its home too, with nothing else of this machine's settings. */
    run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
      // biome-ignore lint/style/noProcessEnv: a client finds its own tools by the PATH.
      const { PATH = '' } = process.env
      const child = spawn(command, args, {
        cwd: folder,
        env: { PATH, HOME: folder, LANG: 'C.UTF-8', ...env },
        stdio: ['ignore', 'pipe', 'pipe']
      })
      let output = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
      const limit = setTimeout(() => child.kill('SIGKILL'), 90_000)
      return new Promise((resolve, reject) => {
        child.on('error', reject)
        child.on('close', (code) => {
          clearTimeout(limit)
          resolve({ code, output })
        })
      })
    },
    /** The stop reasons of what was billed, oldest first; each is a request that its client saw to its end. */
    async stopReasons(): Promise<(string | null)[]> {
      const { receipts } = await t.get<{ receipts: { status: string; stop_reason: string | null }[] }>('/api/receipts')
      expect(receipts.map(({ status }) => status)).toEqual(receipts.map(() => 'complete'))
      return receipts.map(({ stop_reason }) => stop_reason).reverse()
    },
    async close(): Promise<void> {
      expect((await t.balance()).held).toBe(0)
      expect((await t.audit()).differences).toEqual([])
      await t.close()
      await upstream.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

export type World = Awaited<ReturnType<typeof createWorld>>

function asksFor({ messages }: ChatCompletionRequest, words: string): boolean {
  return JSON.stringify(messages.filter(({ role }) => role === 'user')).includes(words)
}

function offers({ tools }: ChatCompletionRequest, name: string): boolean {
  return (tools ?? []).some((tool) => tool.function?.name === name)
}
