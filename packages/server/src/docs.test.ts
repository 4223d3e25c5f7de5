import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ReceiptJson } from '@caicaini/protocol/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_ROUTES } from './admin/roles.js'
import { buildServer, type Server } from './app.js'
import defaultCatalog from './catalog/default-catalog.json' with { type: 'json' }
import { readConfig } from './config.js'

const docs = readFileSync(join(import.meta.dirname, '../../../docs/server.md'), 'utf8')

/** Rows of the first table under `## title` whose first column is headed `head`, without its two head rows. */
function rowsOf(title: string, head: string): string[][] {
  const section = docs.split(`\n## ${title}\n`)[1]?.split(/^## /m)[0] ?? ''
  const table = section.split(new RegExp(`^\\| ${head} \\|.*\\n\\|[-|]+\\n`, 'm'))[1]?.split(/^(?!\|)/m)[0] ?? ''
  const rows = table.trimEnd().split('\n')
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
  )
}

/** First cells, each one name in backticks; a table that names one twice has two rows for it. */
function namesOf(title: string, head: string): string[] {
  return rowsOf(title, head).map(([first]) => first?.replaceAll('`', '') ?? '')
}

describe('docs/server.md', () => {
  let server: Server
  beforeAll(async () => {
    server = await buildServer(readConfig({ dataDir: ':memory:', env: {}, log: 'silent' }))
  })
  afterAll(() => server.close())

  test('names every route that there is, and no other', async () => {
    const response = await server.fetch(new Request('http://local/api/openapi.json'))
    const { paths } = (await response.json()) as { paths: Record<string, object> }
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
    )
    const others = [
      'POST /v1/messages',
      'POST /v1/chat/completions',
      'POST /v1/responses',
      'POST /v1/messages/count_tokens',
      'POST /v1/embeddings',
      'POST /v1/images/generations',
      'POST /v1/audio/speech',
      'POST /v1/audio/transcriptions',
      'GET /v1/models',
      'GET /v1/models/{id}',
      'GET /api/openapi.json',
      'GET /install',
      'GET /install.ps1',
      'GET /releases/{file}',
      'HEAD /',
      'HEAD /api/hello',
      'GET /healthz',
      'GET /readyz',
      'GET /metrics'
    ]
    expect(namesOf('Routes', 'route').sort()).toEqual([...described, ...others].sort())
  })

  test('says who may call each route', async () => {
    for (const [route = '', scope] of rowsOf('Routes', 'route')) {
      const [method = '', path = ''] = route.replaceAll('`', '').split(' ')
      const { status } = await server.fetch(new Request(`http://local${path.replace('{id}', 'haiku')}`, { method }))
      // The metrics are there for nobody else: to them there is no such route. This server has no releases.
      const told = { 'no key': 200, 'this machine': 404, 'no key; 404 without releases': 404, anyone: 400 }
      expect({ route, status }).toEqual({ route, status: told[scope as keyof typeof told] ?? 401 })
    }
  })

  test('says which role each route of operators needs', () => {
    const told = rowsOf('Routes', 'route').map(([route = '', scope]) => [route.replaceAll('`', ''), scope])
    expect(Object.fromEntries(told.filter(([route]) => route?.includes('/admin/api/')))).toEqual(ADMIN_ROUTES)
  })

  test('names every field of a receipt', () => {
    const { shape } = ReceiptJson
    const parts = Object.keys(shape.parts.element.shape).map((name) => `parts[].${name}`)
    expect(namesOf('Receipts', 'field').sort()).toEqual([...Object.keys(shape), ...parts].sort())
  })

  test('names every environment variable that the server reads', () => {
    const source = ['config.ts', 'site/site.ts', 'site/operator.ts', 'mail/config.ts', 'captcha/config.ts']
      .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
      .join()
    const own = new Set(source.match(/\bCAICAINI_[A-Z_]+/g))
    const ofProviders = Object.values(defaultCatalog.providers).flatMap((provider) =>
      Object.entries(provider).flatMap(([field, name]) => (field.endsWith('_env') ? [String(name)] : []))
    )
    expect(own.size).toBeGreaterThan(0)
    expect(namesOf('Configuration', 'variable').sort()).toEqual([...own, ...ofProviders].sort())
  })
})
