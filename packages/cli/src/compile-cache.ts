import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

/**
 * Keeps compiled code between starts, in a directory of the user's own: what lies in the shared
 * temporary directory, others may have put there.
 */
export function keepCompiledCode(env: Readonly<Record<string, string | undefined>>): void {
  const cache = env.XDG_CACHE_HOME || (env.HOME && join(env.HOME, '.cache')) || env.LOCALAPPDATA
  if (cache) enableCompileCache(join(cache, 'caicaini', 'compiled'))
}
