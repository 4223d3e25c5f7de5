import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildServer, type Server } from '../app.js'
import type { CatalogFile } from '../catalog/schema.js'
import { type Config, readConfig } from '../config.js'
import type { World } from '../parts.js'
import { shippedCatalog, writeCatalog } from './catalog.js'
import { createFakeClock } from './fake-clock.js'

export type TestProcess = Awaited<ReturnType<ReturnType<typeof createSharedData>['start']>>

/** A data directory that several servers are started on, at once or one after the other, all with one fake clock. */
export function createSharedData() {
  const dir = mkdtempSync(join(tmpdir(), 'caicaini-data-'))
  const clock = createFakeClock()
  const servers: Server[] = []

  return {
    dir,
    clock,
    /** One process, with the shipped catalog or what `change` makes of it. */
    async start(
      change: (shipped: CatalogFile) => void = () => {},
      world: Partial<World> = {},
      env: Config['env'] = {}
    ) {
      const file = shippedCatalog()
      change(file)
      const catalogPath = writeCatalog(dir, file)
      const config = readConfig({ dataDir: dir, catalogPath, env, log: 'silent' })
      const server = await buildServer({ ...config, stopLimitMs: 0 }, { clock, ...world })
      servers.push(server)

      /** What a request is answered: its status and its JSON. */
      async function ask<T>(method: string, path: string, { body, key }: { body?: object; key?: string } = {}) {
        const headers = { ...(body && { 'content-type': 'application/json' }), ...(key && { 'x-api-key': key }) }
        const request = new Request(`http://local${path}`, {
          method,
          headers,
          ...(body && { body: JSON.stringify(body) })
        })
        const response = await (key ? server.fetch(request) : server.fetchLocal(request))
        return { status: response.status, json: (await response.json()) as T }
      }
      return {
        ask,
        /** As the owner, or with a key; throws where the answer is a refusal. */
        async get<T>(path: string, key?: string): Promise<T> {
          return expectOk(await ask<T>('GET', path, { ...(key && { key }) }))
        },
        async send<T>(method: string, path: string, body?: object): Promise<T> {
          return expectOk(await ask<T>(method, path, { ...(body && { body }) }))
        },
        listen: () => server.listen({ host: '127.0.0.1', port: 0 }),
        close: () => server.close()
      }
    },
    async close() {
      for (const server of servers) await server.close()
      rmSync(dir, { recursive: true, force: true })
    }
  }
}

function expectOk<T>({ status, json }: { status: number; json: T }): T {
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(json)}`)
  return json
}
