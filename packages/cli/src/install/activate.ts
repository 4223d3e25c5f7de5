import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync
} from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { Layout } from './layout.js'
import { VERSION_PATTERN } from './version-order.js'

/** What a release says of itself, in the folder of its version. */
export interface ReleaseFacts {
  readonly version: string
  readonly platform: string
  /** Who signs the releases after it: SPKI in base64. */
  readonly public_key: string
}

/** Throws where `dir` is not an unpacked release. */
export function releaseIn(dir: string): ReleaseFacts {
  const facts = JSON.parse(readFileSync(join(dir, 'release.json'), 'utf8'))
  if (typeof facts.version === 'string' && VERSION_PATTERN.test(facts.version) && typeof facts.public_key === 'string')
    return facts
  throw new Error(`${dir} is not an unpacked release`)
}

/** The release that a link points to; undefined where there is none. */
export function releaseAt(link: string): ReleaseFacts | undefined {
  return existsSync(join(link, 'release.json')) ? releaseIn(link) : undefined
}

/**
 * Takes the unpacked release `stage` into use, and keeps the one before it. Each step is a rename, so that at every
 * moment there is one whole version in use. Under the lock.
 */
export function activate(layout: Layout, stage: string): void {
  const { version } = releaseIn(stage)
  mkdirSync(layout.versions, { recursive: true })
  const before = releaseAt(layout.current)
  const folder = freeFolder(layout.versions, version)
  renameSync(stage, folder)
  if (before && before.version !== version) pointTo(layout.previous, targetOf(layout.current))
  pointTo(layout.current, folder)
  prune(layout)
}

/** Takes the version before into use again; the one in use becomes the one before. Under the lock. */
export function rollBack(layout: Layout): { from: ReleaseFacts; to: ReleaseFacts } | undefined {
  const [from, to] = [releaseAt(layout.current), releaseAt(layout.previous)]
  if (!from || !to) return undefined
  const [inUse, before] = [targetOf(layout.current), targetOf(layout.previous)]
  pointTo(layout.current, before)
  pointTo(layout.previous, inUse)
  return { from, to }
}

/** The same version once more gets a folder of its own: the one in use is never written to. */
function freeFolder(versions: string, version: string): string {
  for (let n = 1; ; n++) {
    const folder = join(versions, n === 1 ? version : `${version}+${n}`)
    if (!existsSync(folder)) return folder
  }
}

function targetOf(link: string): string {
  return resolve(dirname(link), readlinkSync(link))
}

/** Another link is made and renamed over it. A junction, which Windows lets everybody make, is put in its place. */
function pointTo(link: string, folder: string): void {
  if (process.platform === 'win32') {
    rmSync(link, { force: true, recursive: true })
    symlinkSync(folder, link, 'junction')
    return
  }
  const draft = `${link}.${process.pid}`
  rmSync(draft, { force: true })
  symlinkSync(relative(dirname(link), folder), draft)
  renameSync(draft, link)
}

/** Versions that are neither in use nor the one before. */
function prune({ versions, current, previous }: Layout): void {
  const kept = [current, previous].filter((link) => existsSync(link)).map((link) => basename(readlinkSync(link)))
  for (const name of readdirSync(versions)) {
    if (!kept.includes(name)) rmSync(join(versions, name), { recursive: true, force: true })
  }
}
