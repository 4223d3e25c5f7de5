import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildServer } from './app.js'
import { readConfig } from './config.js'
import { ConfigError } from './lib/config-error.js'
import { openSqlite } from './storage/sqlite.js'

const options = { dataDir: ':memory:', log: 'silent' } as const

test('proxies are addresses or CIDRs, and a bad one is named', () => {
  const read = (proxies: string) =>
    readConfig({ dataDir: ':memory:', env: { CAICAINI_TRUSTED_PROXIES: proxies }, log: 'silent' })
  expect(read('10.0.0.0/8, ::1').trustedProxies.check('10.1.2.3')).toBe(true)
  expect(() => read('10.0.0.0/40')).toThrow(
    'CAICAINI_TRUSTED_PROXIES: "10.0.0.0/40" is no address or CIDR such as 10.0.0.0/8 or ::1'
  )
})

test('what is not set has its default, and a variable set to nothing counts as not set', () => {
  for (const env of [{}, { CAICAINI_STOP_LIMIT_S: '', CAICAINI_LOG_LEVEL: '', CAICAINI_CATALOG: '' }]) {
    expect(readConfig({ ...options, env })).toMatchObject({
      stopLimitMs: 30_000,
      logLevel: 'info',
      catalogPath: undefined
    })
  }
})

test.each([
  [{ CAICAINI_STOP_LIMIT_S: 'soon' }, /^CAICAINI_STOP_LIMIT_S: must be a number of seconds/],
  [{ CAICAINI_STOP_LIMIT_S: '-1' }, /must not be negative/],
  [{ CAICAINI_LOG_LEVEL: 'loud' }, /^CAICAINI_LOG_LEVEL: must be debug, info/]
])('%j is refused by name', (env, message) => {
  expect(() => readConfig({ ...options, env })).toThrow(message)
})

test.each([
  [{ ANTHROPIC_API_KEY: 'sk ant' }, /^ANTHROPIC_API_KEY: /],
  [
    { ANTHROPIC_API_KEY: 'k', CAICAINI_ANTHROPIC_BASE_URL: 'localhost' },
    /^CAICAINI_ANTHROPIC_BASE_URL: must be an http/
  ]
])('a provider that cannot be used stops the start: %j', async (env, message) => {
  const start = buildServer(readConfig({ ...options, env }))
  await expect(start).rejects.toThrow(ConfigError)
  await expect(start).rejects.toThrow(message)
})

test('a data directory that is a file stops the start, with its name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'caicaini-config-'))
  const file = join(folder, 'file')
  writeFileSync(file, '')
  const start = buildServer(readConfig({ ...options, dataDir: file, env: {} }))
  await expect(start).rejects.toThrow(ConfigError)
  await expect(start).rejects.toThrow(/file.*cannot be opened/)
  rmSync(folder, { recursive: true })
})

test('a start that is refused leaves nobody behind in the table of instances', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'caicaini-config-'))
  const bad = readConfig({ ...options, dataDir, env: { ANTHROPIC_API_KEY: 'sk ant' } })
  await expect(buildServer(bad)).rejects.toThrow(ConfigError)
  const { db, close } = await openSqlite(bad.databasePath)
  expect(await db.selectFrom('instance').selectAll().execute()).toEqual([])
  await close()
  rmSync(dataDir, { recursive: true })
})
