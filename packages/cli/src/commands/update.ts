import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT } from '@caicaini/protocol'
import { type Command, InvalidArgumentError } from 'commander'
import type { Context } from '../context.js'
import { type ReleaseFacts, releaseAt, rollBack } from '../install/activate.js'
import { LOCK_WAIT_MS } from '../install/install.js'
import { type Layout, programOf } from '../install/layout.js'
import { withLock } from '../install/lock.js'
import { readReceipt } from '../install/receipt.js'
import { createReleaseSource, type Manifest } from '../install/release-source.js'
import { compareVersions, VERSION_PATTERN } from '../install/version-order.js'
import { CliError } from '../lib/cli-error.js'

export interface Options {
  readonly check?: boolean
  readonly rollback?: boolean
  readonly to?: string
}

export function define(command: Command, context: () => Context): void {
  command
    .option('--check', 'only say whether there is a newer one')
    .option('--rollback', 'take the version before into use again')
    .option('--to <version>', 'that version, also an older one', parseVersion)
    .action((options: Options) => run(options, context()))
}

/** Brings the newest version from where this one was installed from; the one in use is kept for `--rollback`. */
export async function run({ check, rollback, to }: Options, context: Context): Promise<void> {
  const { io } = context
  const layout = context.installation()
  const inUse = layout && releaseAt(layout.current)
  if (!layout || !inUse) throw notInstalled()
  if (rollback) return goBack(layout, context)
  const baseUrl = readReceipt(layout)?.base_url ?? context.config().get('base-url').value
  const transport = await context.reach({ kind: 'remote', baseUrl })
  try {
    const source = createReleaseSource({ transport, publicKey: inUse.public_key, clock: context.clock })
    const manifest = await source.manifest()
    const version = to ?? manifest.newest
    const order = compareVersions(version, inUse.version)
    if (order === 0) return io.out(`${version} is in use${to ? '' : ', and the newest'}\n`)
    if (order < 0 && !to)
      return io.out(`${inUse.version} is in use; ${baseUrl} has none newer than ${version}: nothing was changed\n`)
    requireBuilt(manifest, { version, platform: inUse.platform, baseUrl })
    if (check) return io.out(`${version} is there, ${inUse.version} is in use: caicaini update\n`)
    io.err(`downloading ${version} from ${baseUrl} …\n`)
    const bring = (dir: string) => source.bring({ version, platform: inUse.platform }, dir)
    await takeIntoUse(await staged(layout, bring), { layout, baseUrl, context })
  } finally {
    await transport.close()
  }
}

async function goBack(layout: Layout, { io, clock }: Context): Promise<void> {
  const done = await withLock(layout.lock, lockOptions({ io, clock }), () => rollBack(layout))
  if (!done) throw new CliError(EXIT.other, 'there is no version before this one to go back to')
  io.out(`${done.to.version} is in use again; caicaini update --rollback goes back to ${done.from.version}\n`)
}

interface Staged {
  readonly dir: string
  readonly release: string
}

async function staged({ root }: Layout, bring: (dir: string) => Promise<string>): Promise<Staged> {
  const dir = mkdtempSync(join(root, '.staging.'))
  try {
    return { dir, release: await bring(dir) }
  } catch (error) {
    rmSync(dir, { recursive: true, force: true })
    throw error
  }
}

/** By the new version's own hand, which knows what it needs, and shows thereby that it runs here. */
async function takeIntoUse(
  { dir, release }: Staged,
  { layout, baseUrl, context }: { layout: Layout; baseUrl: string; context: Context }
): Promise<void> {
  const { io, platform } = context
  const receipt = readReceipt(layout)
  const { node } = programOf(release, platform)
  const setup = join(release, 'app', 'dist', 'setup.js')
  const words = ['--root', layout.root, '--bin', receipt?.bin_dir ?? '', '--stage', release, '--base-url', baseUrl]
  try {
    const { status, stdout, stderr, error } = spawnSync(node, [setup, ...words, '--update'], { encoding: 'utf8' })
    if (status !== 0) {
      const why = error?.message ?? stderr.trim().split('\n').at(-1)
      throw new CliError(EXIT.other, `the new version does not run here, and the one in use stays: ${why}`)
    }
    io.out(stdout)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function requireBuilt(
  { versions }: Manifest,
  { version, platform, baseUrl }: { version: string; platform: ReleaseFacts['platform']; baseUrl: string }
): void {
  const entry = versions.find((one) => one.version === version)
  if (entry?.platforms.includes(platform)) return
  const there = versions.filter(({ platforms }) => platforms.includes(platform)).map((one) => one.version)
  throw new CliError(EXIT.other, `${baseUrl} has no ${version} for ${platform}; it has ${there.join(', ') || 'none'}`)
}

/** The installers' own programs alone know how they came here. */
function notInstalled(): CliError {
  return new CliError(
    EXIT.other,
    'this caicaini was not brought by its installer. From npm: npm install -g caicaini@latest; in a checkout: git pull'
  )
}

/** How long to wait for another installation, and what to say meanwhile. */
export function lockOptions({ io, clock }: Pick<Context, 'io' | 'clock'>) {
  const onWait = (pid: number) => io.err(`another installation is under way (process ${pid}): waiting for it\n`)
  return { nowMs: () => clock.nowMs(), waitMs: LOCK_WAIT_MS, onWait }
}

function parseVersion(text: string): string {
  if (VERSION_PATTERN.test(text)) return text
  throw new InvalidArgumentError('It must be a version such as 1.2.3.')
}
