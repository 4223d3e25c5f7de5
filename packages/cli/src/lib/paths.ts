import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Env } from './io.js'

const APP = 'caicaini'

/** Where settings and credentials lie. */
export function configDir(env: Env, platform: NodeJS.Platform): string {
  if (env.CAICAINI_CONFIG_DIR) return env.CAICAINI_CONFIG_DIR
  if (platform === 'win32') return join(env.APPDATA ?? join(home(env), 'AppData', 'Roaming'), APP)
  return join(env.XDG_CONFIG_HOME || join(home(env), '.config'), APP)
}

/** Where the embedded server keeps its data. `flag` is `--data`. */
export function dataDir(env: Env, platform: NodeJS.Platform, flag?: string): string {
  if (flag) return flag
  if (env.CAICAINI_DATA_DIR) return env.CAICAINI_DATA_DIR
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home(env), 'AppData', 'Local'), APP)
  return join(env.XDG_DATA_HOME || join(home(env), '.local', 'share'), APP)
}

function home(env: Env): string {
  return env.HOME || homedir()
}
