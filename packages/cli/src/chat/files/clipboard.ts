import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Facts } from '../../context.js'

type Command = readonly [program: string, ...args: string[]]
type Where = Pick<Facts, 'env' | 'platform'>

const LIMIT_MS = 3_000
const IMAGE_BYTES_MAX = 20_000_000

/** The image on the clipboard as PNG; undefined where there is none, or no program that reads it. */
export async function clipboardImage(where: Where): Promise<Buffer | undefined> {
  if (where.platform === 'darwin') return macImage()
  if (where.platform === 'win32') return windowsImage()
  const command = linuxCommand(
    where,
    ['wl-paste', '--type', 'image/png'],
    ['xclip', '-selection', 'clipboard', '-t', 'image/png', '-o']
  )
  const bytes = command && (await run(command))
  return bytes && bytes.length > 0 ? bytes : undefined
}

/** Puts `text` on the clipboard by the system's own program; false where that cannot be done. */
export async function copyBySystem(text: string, where: Where): Promise<boolean> {
  const command = copyCommand(where)
  return command !== undefined && (await run(command, text)) !== undefined
}

/** The sequence by which a terminal, also one at the other end of SSH, takes text to its clipboard (OSC 52). */
export function copySequence(text: string, { env }: Pick<Where, 'env'>): string {
  const sequence = `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`
  // tmux passes on what is wrapped for it, with each ESC doubled.
  return env.TMUX ? `\u001bPtmux;${sequence.replaceAll('\u001b', '\u001b\u001b')}\u001b\\` : sequence
}

function copyCommand(where: Where): Command | undefined {
  if (where.platform === 'darwin') return ['pbcopy']
  if (where.platform === 'win32') return ['clip.exe']
  return linuxCommand(where, ['wl-copy'], ['xclip', '-selection', 'clipboard'])
}

/** Over SSH the clipboard of the other machine is nobody's. */
function linuxCommand({ env }: Where, wayland: Command, x11: Command): Command | undefined {
  if (env.SSH_CONNECTION || env.SSH_TTY) return undefined
  return env.WAYLAND_DISPLAY ? wayland : env.DISPLAY ? x11 : undefined
}

async function macImage(): Promise<Buffer | undefined> {
  return throughFile((path) => [
    'osascript',
    '-e',
    `set png to (the clipboard as «class PNGf»)`,
    '-e',
    `set target to open for access POSIX file "${path}" with write permission`,
    '-e',
    'write png to target',
    '-e',
    'close access target'
  ])
}

async function windowsImage(): Promise<Buffer | undefined> {
  const script =
    'Add-Type -AssemblyName System.Windows.Forms; $image = [Windows.Forms.Clipboard]::GetImage(); if ($image) { $image.Save($args[0]) } else { exit 1 }'
  return throughFile((path) => ['powershell.exe', '-NoProfile', '-STA', '-Command', `& { ${script} } '${path}'`])
}

async function throughFile(commandFor: (path: string) => Command): Promise<Buffer | undefined> {
  const dir = mkdtempSync(join(tmpdir(), 'caicaini-clip-'))
  try {
    const path = join(dir, 'clipboard.png')
    if ((await run(commandFor(path))) === undefined) return undefined
    return readFileSync(path)
  } catch {
    return undefined
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** What a program printed; undefined when it is not there, failed, printed too much or took too long. */
function run([program, ...args]: Command, input?: string): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', input === undefined ? 'pipe' : 'ignore', 'ignore'],
      timeout: LIMIT_MS
    })
    const chunks: Buffer[] = []
    let bytes = 0
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > IMAGE_BYTES_MAX) child.kill()
      else chunks.push(chunk)
    })
    child.on('error', () => resolve(undefined))
    child.on('close', (code) => resolve(code === 0 ? Buffer.concat(chunks) : undefined))
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}
