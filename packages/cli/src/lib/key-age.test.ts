import { expect, test } from 'vitest'
import { json } from '../testing/play-transport.js'
import { createTestContext } from '../testing/test-context.js'
import { keyAgeDays, oldKeyReminder } from './key-age.js'

const DAY_MS = 86_400_000
const created_at = '2026-07-01T10:00:00.000Z'
const self = (rotated_at: string | null) => () => json({ key: { name: 'laptop', created_at, rotated_at }, account: {} })

test('an old key is said once a week, with where to rotate it', async () => {
  const t = createTestContext({ play: self(null) })
  const remind = async () => oldKeyReminder(t.context, await t.context.api())
  expect(await remind()).toBe('The key "laptop" is 143 days old: rotate it at https://caicaini.com/account/keys')
  expect(await remind()).toBeUndefined()
  await t.clock.advance(7 * DAY_MS - 1)
  expect(await remind()).toBeUndefined()
  await t.clock.advance(1)
  expect(await remind()).toContain('150 days old')
  expect(t.server.requests).toHaveLength(2)
})

test('a young key, one that was rotated, and a server that fails say nothing', async () => {
  const young = createTestContext({ play: self('2026-11-01T10:00:00.000Z') })
  expect(await oldKeyReminder(young.context, await young.context.api())).toBeUndefined()
  const broken = createTestContext({ play: () => ({ status: 404 }) })
  expect(await oldKeyReminder(broken.context, await broken.context.api())).toBeUndefined()
  expect(keyAgeDays({ created_at, rotated_at: null }, Date.parse(created_at) + 1.5 * DAY_MS)).toBe(1)
})
