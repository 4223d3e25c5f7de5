/**
 * Keeps compiled code between starts, in a directory of the user's own: what lies in the shared
 * temporary directory, others may have put there.
 */
export function keepCompiledCode(env: Readonly<Record<string, string | undefined>>): void {
  // As in main.ts, which this is a part of.
  const { enableCompileCache } = process.getBuiltinModule('node:module')
  const { join } = process.getBuiltinModule('node:path')
  const cache = env.XDG_CACHE_HOME || (env.HOME && join(env.HOME, '.cache')) || env.LOCALAPPDATA
  if (cache) enableCompileCache(join(cache, 'caicaini', 'compiled'))
}
