import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where the files of one installation lie. */
export interface Layout {
  readonly root: string
  /** A folder for each version that is kept. */
  readonly versions: string
  /** Points to the version in use. */
  readonly current: string
  /** Points to the one before it, for `update --rollback`. */
  readonly previous: string
  readonly receipt: string
  readonly lock: string
}

export function layoutOf(root: string): Layout {
  return {
    root,
    versions: join(root, 'versions'),
    current: join(root, 'current'),
    previous: join(root, 'previous'),
    receipt: join(root, 'receipt.json'),
    lock: join(root, 'lock')
  }
}

/** The runtime and the program within the folder of a version. */
export function programOf(
  version: string,
  platform: NodeJS.Platform
): { readonly node: string; readonly main: string } {
  return {
    node: join(version, 'bin', platform === 'win32' ? 'node.exe' : 'node'),
    main: join(version, 'app', 'dist', 'main.js')
  }
}

/** The installation that the program file `main` belongs to; undefined where npm or a checkout brought it. */
export function installationOf(main: string | undefined): Layout | undefined {
  if (main === undefined) return undefined
  const version = dirname(dirname(dirname(main)))
  const layout = layoutOf(dirname(dirname(version)))
  return dirname(version) === layout.versions && existsSync(layout.receipt) ? layout : undefined
}
