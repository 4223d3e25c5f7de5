import { existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { Env } from '../lib/io.js'
import { activate, releaseAt, releaseIn } from './activate.js'
import { launcherAt, launcherPath, launcherText, quoted, writeLauncher } from './launcher.js'
import { type Layout, layoutOf } from './layout.js'
import { withLock } from './lock.js'
import { type Receipt, readReceipt, writeReceipt } from './receipt.js'
import { addToProfiles, isOnPath, profilesOf } from './shell-path.js'

/** How long one installation waits for another. */
export const LOCK_WAIT_MS = 120_000

export interface InstallOptions {
  readonly root: string
  readonly binDir: string
  /** The unpacked release, verified, beside where it is to lie. */
  readonly stage: string
  readonly baseUrl: string
  /** The program asks for it itself: shells and next steps are known. */
  readonly isUpdate: boolean
  readonly home: string
  readonly env: Env
  readonly platform: NodeJS.Platform
  readonly nowMs: () => number
  readonly say: (text: string) => void
}

/** What an installer does once the release is verified and unpacked: takes it into use, for the shells too. */
export async function install(options: InstallOptions): Promise<void> {
  const { root, binDir, stage, baseUrl, env, platform, nowMs, say } = options
  const layout = layoutOf(root)
  const launcher = launcherPath(binDir, platform)
  const { version } = releaseIn(stage)
  const onWait = (pid: number) => say(`another installation is under way (process ${pid}): waiting for it`)
  await withLock(layout.lock, { nowMs, waitMs: LOCK_WAIT_MS, onWait }, () => {
    if (launcherAt(launcher) === 'foreign') throw new Error(foreign(launcher))
    const before = releaseAt(layout.current)?.version
    const receipt = readReceipt(layout)
    mkdirSync(binDir, { recursive: true })
    // First what may be refused, such as a folder that cannot be written; the switch is the last step.
    writeLauncher(launcher, launcherText(layout, platform))
    const profiles = addPath(options, receipt)
    const manPage = linkManPage(layout, { home: options.home, env, platform })
    writeReceipt(layout, { schema: 1, base_url: baseUrl, bin_dir: binDir, profiles, man_page: manPage })
    activate(layout, stage)
    say(installed({ version, before, launcher }))
    if (profiles.length > 0 && !options.isUpdate)
      say(`The folder was put on the PATH in ${profiles.join(', ')} (uninstall takes it out)`)
  })
  if (!options.isUpdate) sayNextSteps(options, launcher)
}

function foreign(launcher: string): string {
  return `${launcher} is there and is not ours: move it away, or name another folder with CAICAINI_BIN_DIR`
}

function installed({ version, before, launcher }: { version: string; before: string | undefined; launcher: string }) {
  const what = before === undefined ? 'is installed' : before === version ? 'is installed anew' : `replaces ${before}`
  return `Caicaini Code ${version} ${what}: ${launcher}`
}

function addPath(
  { binDir, env, home, platform, isUpdate }: InstallOptions,
  receipt: Receipt | undefined
): readonly string[] {
  const known = receipt?.profiles ?? []
  // On Windows the installer itself does it, in the registry.
  if (platform === 'win32' || isUpdate || env.CAICAINI_NO_PATH || (known.length === 0 && isOnPath(binDir, env)))
    return known
  return addToProfiles([...new Set([...known, ...profilesOf(home, env)])], binDir)
}

/** `man` looks there for what is in ~/.local/bin. A page of somebody else stays. */
function linkManPage(
  layout: Layout,
  { home, env, platform }: { home: string; env: Env; platform: NodeJS.Platform }
): string | null {
  if (platform === 'win32') return null
  const page = join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'man', 'man1', 'caicaini.1')
  const target = join(layout.current, 'share', 'man', 'man1', 'caicaini.1')
  try {
    if (isLink(page) && readlinkSync(page) === target) return page
    if (isLink(page) || existsSync(page)) return null
    mkdirSync(dirname(page), { recursive: true })
    symlinkSync(target, page)
    return page
  } catch {
    // A manual that cannot be put there is no reason to fail.
    return null
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}

/** Removes the page where it is still our link. */
export function unlinkManPage(layout: Layout, page: string | null): void {
  if (page !== null && isLink(page) && readlinkSync(page).startsWith(layout.root)) rmSync(page)
}

function sayNextSteps({ binDir, env, platform, say }: InstallOptions, launcher: string): void {
  const first = firstOnPath(env, platform)
  const shadow = first !== undefined && first !== launcher
  if (shadow) say(`Note: ${first} comes before it on the PATH. Remove that one, or put ${binDir} first.`)
  if (platform !== 'win32' && !isOnPath(binDir, env)) say(`In this terminal: export PATH=${quoted(binDir)}:"$PATH"`)
  say('Next: caicaini auth login')
}

function firstOnPath(env: Env, platform: NodeJS.Platform): string | undefined {
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((dir) => dir !== '')
    .map((dir) => launcherPath(dir, platform))
    .find((path) => existsSync(path))
}
