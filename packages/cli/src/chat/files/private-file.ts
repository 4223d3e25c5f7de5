import { createHash } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Target } from '../../context.js'
import type { Env } from '../../lib/io.js'
import { configDir } from '../../lib/paths.js'

/** Where the chat keeps what belongs to one server, such as a draft: a directory that only its owner reads. */
export function chatDir({ env, platform, target }: { env: Env; platform: NodeJS.Platform; target: Target }): string {
  const name = target.kind === 'local' ? `local ${target.dataDir}` : target.baseUrl
  return join(configDir(env, platform), 'chat', createHash('sha256').update(name).digest('hex').slice(0, 16))
}

/** Written whole or not at all, readable by its owner alone. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const beside = `${path}.${process.pid}`
  await writeFile(beside, text, { mode: 0o600 })
  await rename(beside, path)
}
