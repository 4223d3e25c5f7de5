import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditReport } from '@caicaini/protocol/api'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { buildServer } from '../src/app.js'
import { readConfig } from '../src/config.js'
import { createThroughServer } from '../src/testing/passthrough.js'

test('a server that stops cuts speech under way, and it is not billed', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'caicaini-stop-'))
  const t = await createThroughServer({ dataDir })
  t.provider.play((response) => {
    response.writeHead(200, { 'content-type': 'audio/mpeg' }).write('one')
    setTimeout(() => response.write('two'), 5)
  })
  const response = await t.openai.audio.speech.create({ model: 'voice-x', input: 'hello', voice: 'alloy' })
  const cut = expect(response.arrayBuffer()).rejects.toThrow()
  const closing = t.close()
  t.clock.advance({ seconds: 1 })
  await Promise.all([closing, cut])

  const database = new Database(join(dataDir, 'caicaini.sqlite'), { readonly: true })
  expect(database.prepare('select status, credits from receipt').all()).toEqual([{ status: 'released', credits: 0 }])
  database.close()
  const after = await buildServer(readConfig({ dataDir, env: {}, log: 'silent' }))
  const audit = (await (
    await after.fetchLocal(new Request('http://local/admin/api/ledger/audit'))
  ).json()) as AuditReport
  expect(audit).toMatchObject({ differences: [], holds_open: 0 })
  await after.close()
  rmSync(dataDir, { recursive: true })
})
