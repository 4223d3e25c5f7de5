import { spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Ended, startServing } from './run-cli.js'

/** What a bare machine has, and nothing else: no Node above all. */
const TOOLS = ['sh', 'cat', 'chmod', 'env', 'getconf', 'grep', 'gzip', 'mkdir', 'mktemp', 'rm', 'sed', 'tar', 'uname']

/** A folder of this test's own, gone with it. */
export function freshDir(prefix = 'caicaini-install-'): string {
  const dir = mkdtempSync(join(tmpdir(), prefix))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A folder with the tools of a bare machine and `more`, to be all of a PATH. */
export function toolsDir(more: readonly string[] = ['curl', 'sha256sum']): string {
  const dir = freshDir('caicaini-tools-')
  chmodSync(dir, 0o755)
  for (const tool of [...TOOLS, ...more]) symlinkSync(join('/usr/bin', tool), join(dir, tool))
  return dir
}

/** A copy of a releases folder, to be spoilt. */
export function copyOf(releases: string): string {
  const dir = freshDir('caicaini-releases-')
  cpSync(releases, dir, { recursive: true })
  return dir
}

export interface Served {
  readonly url: string
  stop(): Promise<void>
}

/** `caicaini serve` over a releases folder. */
export async function startServer(releases: string): Promise<Served> {
  const home = mkdtempSync(join(tmpdir(), 'caicaini-server-'))
  const env = { HOME: home, PATH: '/usr/bin:/bin', CAICAINI_KEYCHAIN: 'off', CAICAINI_RELEASES: releases }
  const { url, serving } = await startServing([], { env })
  return {
    url,
    async stop() {
      serving.child.kill('SIGTERM')
      await serving.ended
      rmSync(home, { recursive: true, force: true })
    }
  }
}

/** The same, until the test ends. */
export async function serve(releases: string): Promise<string> {
  const { url, stop } = await startServer(releases)
  onTestFinished(stop)
  return url
}

/** A way to `url` that breaks every answer to a path that `cuts` matches after `bytes` of its body. */
export async function cutting(url: string, { cuts, bytes }: { cuts: RegExp; bytes: number }): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url: path = '/' } = incoming
    // Of a client that takes this for its proxy the whole address comes.
    const { pathname } = new URL(path, url)
    const onward = request(new URL(pathname, url), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      if (!cuts.test(path)) return void answer.pipe(outgoing)
      let left = bytes
      answer.on('data', (chunk: Buffer) => {
        outgoing.write(chunk.subarray(0, left))
        left -= chunk.length
        if (left <= 0) outgoing.destroy()
      })
    })
    onward.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export interface RunOptions {
  readonly env: Record<string, string>
  readonly stdin?: string | Buffer
  readonly uid?: number
}

/** Runs a program with exactly this environment. */
export function run(words: readonly [string, ...string[]], { env, stdin = '', uid }: RunOptions): Promise<Ended> {
  const [command, ...args] = words
  const child = spawn(command, args, { env, cwd: '/', ...(uid === undefined ? {} : { uid, gid: uid }) })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

export interface Machine {
  readonly home: string
  readonly env: Record<string, string>
  /** As people do it: the script comes by curl from `url` and goes to a shell's stdin. */
  install(url: string, env?: Record<string, string>): Promise<Ended>
  caicaini(...words: string[]): Promise<Ended>
}

/** A machine with an empty home and few tools. */
export function machine({
  home = freshDir(),
  tools = toolsDir(),
  shell = '/bin/sh',
  uid
}: MachineOptions = {}): Machine {
  mkdirSync(home, { recursive: true })
  const env = { HOME: home, PATH: tools, LANG: 'C.UTF-8', CAICAINI_KEYCHAIN: 'off' }
  return {
    home,
    env,
    async install(url, more = {}) {
      const script = await (await fetch(`${url}/install`)).text()
      return run([shell], { env: { ...env, ...more }, stdin: script, ...(uid === undefined ? {} : { uid }) })
    },
    caicaini: (...words) => run([join(home, '.local/bin/caicaini'), ...words], { env })
  }
}

interface MachineOptions {
  readonly home?: string
  readonly tools?: string
  readonly shell?: string
  readonly uid?: number
}

export function textOf(path: string): string {
  return readFileSync(path, 'utf8')
}
