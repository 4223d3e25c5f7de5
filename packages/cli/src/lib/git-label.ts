import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { LABEL_HEADERS } from '@caicaini/protocol'
import type { Config } from './config.js'

/** What a call is for. */
export interface GitLabel {
  /** `host/owner/name` of the remote, else the name of the folder. */
  readonly repo: string
  /** Undefined where no branch is checked out. */
  readonly branch: string | undefined
}

/** Folders that are looked through upwards. */
const DEPTH_MAX = 64

/**
 * The repository that `cwd` lies in, read from its files: to start git would take longer than everything else before
 * the first request. Undefined where there is none, or where something about it cannot be read.
 */
export function gitLabel(cwd: string): GitLabel | undefined {
  try {
    const found = findGitDir(cwd)
    if (!found) return undefined
    const { root, gitDir } = found
    // In a further worktree HEAD is its own, and the configuration that of the first.
    const common = readText(join(gitDir, 'commondir'))?.trim()
    const config = readText(join(common === undefined ? gitDir : resolve(gitDir, common), 'config')) ?? ''
    const remote = remoteUrl(config)
    const repo = (remote === undefined ? undefined : repoOf(remote)) ?? root.split(/[\\/]/).at(-1)
    const branch = /^ref: refs\/heads\/(.+)$/m.exec(readText(join(gitDir, 'HEAD')) ?? '')?.[1]?.trim()
    return repo ? { repo, branch } : undefined
  } catch {
    return undefined
  }
}

/** The headers that say so; none with the setting `labels` off. */
export function labelHeaders(config: Config, cwd: string): Record<string, string> {
  const label = labelOf(config, cwd)
  if (!label) return {}
  // Characters that a header cannot have are of no use for a sum.
  const plain = (text: string) => text.replace(/[^\x21-\x7e]/g, '_')
  return {
    [LABEL_HEADERS.repo]: plain(label.repo),
    ...(label.branch === undefined ? {} : { [LABEL_HEADERS.branch]: plain(label.branch) })
  }
}

export function labelOf(config: Config, cwd: string): GitLabel | undefined {
  return config.get('labels').value === 'off' ? undefined : gitLabel(cwd)
}

function findGitDir(cwd: string): { root: string; gitDir: string } | undefined {
  let root = cwd
  for (let depth = 0; depth < DEPTH_MAX; depth++) {
    const path = join(root, '.git')
    const kind = statSync(path, { throwIfNoEntry: false })
    if (kind?.isDirectory()) return { root, gitDir: path }
    // A worktree or a submodule: a file that says where.
    const said = kind?.isFile() ? /^gitdir: (.+)$/m.exec(readText(path) ?? '')?.[1] : undefined
    if (said !== undefined) return { root, gitDir: resolve(root, said.trim()) }
    const above = dirname(root)
    if (above === root) return undefined
    root = above
  }
  return undefined
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** The address of `origin`, else of the first remote, in git's configuration. */
export function remoteUrl(config: string): string | undefined {
  const urls = new Map<string, string>()
  let remote: string | undefined
  for (const line of config.split('\n')) {
    const section = /^\s*\[([^\]]*)\]/.exec(line)
    if (section) remote = /^remote "(.+)"$/.exec(section[1] ?? '')?.[1]
    const url = /^\s*url\s*=\s*(.+?)\s*$/.exec(line)?.[1]
    if (remote !== undefined && url !== undefined && !urls.has(remote)) urls.set(remote, url)
  }
  return urls.get('origin') ?? urls.values().next().value
}

/** `host/owner/name` of any form of address that git knows, without user, password and port; undefined for a path. */
export function repoOf(url: string): string | undefined {
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(url)
  const parsed = URL.parse(url)
  const [host, path] =
    parsed && parsed.hostname !== ''
      ? [parsed.hostname, parsed.pathname]
      : scp
        ? [scp[1], scp[2]]
        : [undefined, undefined]
  const name = path?.replace(/^\/+|\/+$|\.git\/*$/g, '')
  // One letter before a colon is a drive of Windows.
  return host && host.length > 1 && name ? `${host.toLowerCase()}/${name}` : undefined
}
