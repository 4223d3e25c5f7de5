import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../../../..')
/** The pinned runtime, whatever runs the tests. */
export const NODE = join(ROOT, 'node_modules/.bin/node')
export const CLI = join(ROOT, 'packages/cli/dist/main.js')

/** A home of its own, with nothing of the machine's environment but the path. */
export interface Home {
  readonly dir: string
  readonly env: Record<string, string>
  remove(): void
}

export function createHome(): Home {
  const dir = mkdtempSync(join(tmpdir(), 'caicaini-test-'))
  return {
    dir,
    env: { HOME: dir, PATH: join(ROOT, 'node_modules/.bin'), LANG: 'C.UTF-8', CAICAINI_KEYCHAIN: 'off' },
    // What was just killed may be writing yet.
    remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<Ended>
  /** What it has printed there so far. */
  stderr(): string
  /** Resolves once `text` was printed on either stream; rejects when the process ends without it. */
  printed(text: string): Promise<void>
}

/** Starts the built command line; stdin stays open until it is ended. */
export function startCli(
  args: readonly string[],
  { env, cwd }: { env: Record<string, string>; cwd?: string | undefined }
): Started {
  const child = spawn(NODE, [CLI, ...args], { env, cwd })
  let stdout = ''
  let stderr = ''
  const waiting: { text: string; resolve: () => void }[] = []
  const check = () => {
    for (const { text, resolve } of waiting) if (stdout.includes(text) || stderr.includes(text)) resolve()
  }
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk
    check()
  })
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk
    check()
  })
  // It may end before it has read all of its stdin.
  child.stdin.on('error', () => {})
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return {
    child,
    ended,
    stderr: () => stderr,
    printed: (text) =>
      new Promise((resolve, reject) => {
        waiting.push({ text, resolve })
        check()
        void ended.then((end) => reject(new Error(`ended without "${text}": ${JSON.stringify(end)}`)))
      })
  }
}

/** `caicaini serve` on a free port, once it answers; its address and the process. */
export async function startServing(
  words: readonly string[],
  { env }: { env: Record<string, string> }
): Promise<{ url: string; serving: Started }> {
  const serving = startCli(['serve', '--port', '0', ...words], { env })
  await serving.printed('-d \'{"model"')
  return { url: /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(serving.stderr())?.[1] ?? '', serving }
}

/** Runs it to its end with `stdin` as all of its input. */
export function runCli(
  args: readonly string[],
  { env, cwd, stdin = '' }: { env: Record<string, string>; cwd?: string; stdin?: string }
): Promise<Ended> {
  const { child, ended } = startCli(args, { env, cwd })
  child.stdin.end(stdin)
  return ended
}
