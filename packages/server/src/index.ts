import { buildServer, type Server } from './app.js'
import { readConfig, type ServerOptions } from './config.js'

export type { Server } from './app.js'
export type { ServerOptions } from './config.js'
export { ConfigError } from './lib/config-error.js'

/** Builds a server over `dataDir`, making the database, its owner and their first budget where there are none. */
export async function createServer(options: ServerOptions): Promise<Server> {
  return buildServer(readConfig(options))
}
