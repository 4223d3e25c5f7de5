import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildServer } from '../src/app.js'
import { readConfig, type ServerOptions } from '../src/config.js'
import { shippedCatalog, writeCatalog } from '../src/testing/catalog.js'

let dataDir: string

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'caicaini-catalog-file-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

/** What a server of these options says of its plans and of changes that it holds. */
async function look(options: Partial<ServerOptions>) {
  const server = await buildServer(readConfig({ dataDir, env: {}, log: 'silent', ...options }))
  const get = async <T>(path: string) => (await server.fetchLocal(new Request(`http://local${path}`))).json() as T
  const { plans } = await get<{ plans: { name: string; keys_max: number }[] }>('/api/plans')
  const { changes } = await get<{ changes: object[] }>('/admin/api/catalog/changes')
  await server.close()
  return { keys: plans.find(({ name }) => name === 'free')?.keys_max, changes: changes.length }
}

test('a command beside a server follows the catalog that the data was served with, and changes nobody’s terms', async () => {
  const file = shippedCatalog()
  const free = file.plans.free
  if (!free) throw new Error('the catalog has no free plan')
  free.keys_max = 7
  const catalogPath = writeCatalog(dataDir, file)
  expect(await look({ catalogPath })).toEqual({ keys: 7, changes: 0 })
  expect(await look({ followsData: true })).toEqual({ keys: 7, changes: 0 })
  // Also where the file is gone, for a `--local` command need not know where it lay.
  rmSync(catalogPath)
  expect(await look({ followsData: true })).toEqual({ keys: 7, changes: 0 })
  // Served without one, the shipped catalog is what the operator wants from now on.
  expect((await look({})).keys).toBe(shippedCatalog().plans.free?.keys_max)
  expect((await look({ followsData: true })).keys).toBe(shippedCatalog().plans.free?.keys_max)
})
