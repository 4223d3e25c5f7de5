import { EXIT } from '@caicaini/protocol'
import type { ModelStatus } from '@caicaini/protocol/api'
import { expect, test } from 'vitest'
import { CliError } from './cli-error.js'
import { explainDegraded } from './degraded.js'

const haiku: ModelStatus = {
  id: 'claude-haiku-4-5',
  aliases: ['haiku'],
  state: 'degraded',
  since: '2026-11-21T12:04:31.000Z',
  note: null
}
const opus: ModelStatus = { ...haiku, id: 'claude-opus-4-7', aliases: ['opus'], state: 'ok', since: null }
const kimi: ModelStatus = { ...opus, id: 'kimi-k2.5', aliases: ['kimi'], state: 'unavailable' }
const overloaded = new CliError(EXIT.network, 'The provider is overloaded', { code: 'overloaded', requestId: 'req_1' })

async function told(error: unknown, model: string, models: ModelStatus[] | undefined) {
  const api = { status: async () => models && { status: 'degraded' as const, models } }
  return explainDegraded(error, { api, model })
}

test('a failure says since when the model is degraded, and names one that is well', async () => {
  expect(await told(overloaded, 'haiku', [kimi, haiku, opus])).toMatchObject({
    message:
      'The provider is overloaded\nclaude-haiku-4-5 is degraded since 2026-11-21 12:04 UTC; claude-opus-4-7 is well (-m claude-opus-4-7)',
    exit: EXIT.network,
    code: 'overloaded',
    requestId: 'req_1'
  })
  expect(await told(overloaded, 'auto', [haiku])).toMatchObject({
    message: 'The provider is overloaded\nclaude-haiku-4-5 is degraded since 2026-11-21 12:04 UTC'
  })
})

test('nothing is added where the status has nothing to say of it', async () => {
  expect(await told(overloaded, 'opus', [haiku, opus])).toBe(overloaded)
  expect(await told(overloaded, 'haiku', undefined)).toBe(overloaded)
  const other = new CliError(EXIT.usage, 'no such model', { code: 'model_not_found' })
  expect(await told(other, 'haiku', [haiku])).toBe(other)
})
