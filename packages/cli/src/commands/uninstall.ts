import { rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { EXIT } from '@caicaini/protocol'
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { unlinkManPage } from '../install/install.js'
import { launcherAt, launcherPath } from '../install/launcher.js'
import type { Layout } from '../install/layout.js'
import { withLock } from '../install/lock.js'
import { readReceipt } from '../install/receipt.js'
import { removeFromProfiles } from '../install/shell-path.js'
import { CliError, usageError } from '../lib/cli-error.js'
import { confirmed } from '../lib/confirm.js'
import { configDir, dataDir } from '../lib/paths.js'
import { lockOptions } from './update.js'

export interface Options {
  readonly purge?: boolean
  readonly yes?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .option('--purge', 'settings, keys and the data of --local too, after asking')
    .option('-y, --yes', 'do not ask')
    .action((options: Options) => run(options, context()))
}

/** Takes away what the installer brought: the program, its command and manual, its lines in files of shells. */
export async function run({ purge, yes }: Options, context: Context): Promise<void> {
  const { io, env, platform, clock } = context
  const layout = context.installation()
  if (!layout) {
    const text = 'this caicaini was not brought by its installer. From npm: npm uninstall -g caicaini'
    throw new CliError(EXIT.other, text)
  }
  const own = ownFolders(context)
  if (purge && !(await mayPurge(own, { yes, context }))) return io.err('Nothing was removed.\n')
  const removed = await withLock(layout.lock, lockOptions({ io, clock }), () => removeProgram(layout, platform))
  io.out(`Removed: ${removed.join(', ')}\n`)
  // On Windows a program that runs cannot remove its own file.
  if (platform === 'win32') io.out(`Delete ${layout.root} once this window is closed.\n`)
  if (purge) {
    // In a keychain it would outlive the folders.
    context.keys().remove(context.config().get('base-url').value)
    for (const dir of own) rmSync(dir, { recursive: true, force: true })
    io.out(`Removed: ${own.join(', ')}\n`)
  } else {
    io.out(`Settings and data stay: ${own.join(', ')} (--purge removes them too)\n`)
  }
  const cache = env.XDG_CACHE_HOME || (env.HOME && join(env.HOME, '.cache')) || env.LOCALAPPDATA
  if (cache) rmSync(join(cache, 'caicaini'), { recursive: true, force: true })
}

function ownFolders({ env, platform, globals }: Context): string[] {
  return [...new Set([configDir(env, platform), dataDir(env, platform, globals.data)])]
}

async function mayPurge(
  folders: readonly string[],
  { yes, context: { io } }: { yes: boolean | undefined; context: Context }
): Promise<boolean> {
  if (yes) return true
  if (!io.stdinIsTty) throw usageError('--purge asks first, and there is no terminal: add --yes')
  return confirmed(`Delete ${folders.join(' and ')}, with every key, chat and credit in there, for good?`, io)
}

function removeProgram(layout: Layout, platform: NodeJS.Platform): string[] {
  const receipt = readReceipt(layout)
  const launcher = launcherPath(receipt?.bin_dir ?? join(homedir(), '.local', 'bin'), platform)
  const removed: string[] = []
  if (launcherAt(launcher) === 'ours') {
    rmSync(launcher)
    removed.push(launcher)
  }
  const profiles = removeFromProfiles(receipt?.profiles ?? [])
  unlinkManPage(layout, receipt?.man_page ?? null)
  if (platform !== 'win32') rmSync(layout.root, { recursive: true, force: true })
  return [...removed, layout.root, ...profiles.map((path) => `our line in ${path}`)]
}
