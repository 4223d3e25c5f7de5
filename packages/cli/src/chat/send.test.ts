import { expect, test } from 'vitest'
import { createApiClient } from '../lib/api-client.js'
import { createFakeClock, settle } from '../testing/fake-clock.js'
import {
  endEvents,
  json,
  type Play,
  playTransport,
  receiptOf,
  refusal,
  stream,
  textEvent
} from '../testing/play-transport.js'
import { send } from './send.js'
import { type Action, newSession, reduce } from './session.js'

function start(play: Play) {
  const clock = createFakeClock()
  const stop = new AbortController()
  const random = () => 0.5
  const transport = playTransport(play)
  const api = createApiClient({ transport, apiKey: undefined, version: '1', clock, retry: { random } })
  const actions: Action[] = []
  const ending = send(
    { text: 'hi', model: 'haiku', turns: [{ role: 'user', content: 'before' }], system: 'Be brief.' },
    {
      api,
      clock,
      random,
      signal: stop.signal,
      target: () => ({ kind: 'remote', baseUrl: 'https://played.test' }),
      dispatch: (action) => actions.push(action)
    }
  )
  return {
    ending,
    clock,
    stop,
    transport,
    session: () => actions.reduce(reduce, newSession({ model: 'haiku' })),
    actions
  }
}

test('sends the conversation whole and shows what arrives together at once', async () => {
  const { ending, transport, actions, session } = start(() => stream([textEvent('a'), textEvent('b'), ...endEvents()]))
  expect(await ending).toMatchObject({ kind: 'complete', receipt: receiptOf() })
  expect(JSON.parse(transport.requests[0]?.body ?? '')).toMatchObject({
    system: 'Be brief.',
    messages: [
      { role: 'user', content: 'before' },
      { role: 'user', content: 'hi' }
    ]
  })
  expect(actions.filter(({ type }) => type === 'delta')).toEqual([{ type: 'delta', text: 'ab' }])
  expect(session()).toMatchObject({ balance: 9912.3, live: undefined })
})

test('a stopped answer is what was delivered and what its receipt says', async () => {
  const { ending, stop, session } = start(({ path, signal }) => {
    if (path.startsWith('/api/receipts/')) return json(receiptOf({ status: 'aborted', credits: 1 }))
    return stream(
      (async function* () {
        yield textEvent('half')
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      })()
    )
  })
  await settle()
  stop.abort(new Error('stop'))
  expect(await ending).toMatchObject({ kind: 'stopped', receipt: { credits: 1 } })
  expect(session().blocks.map(({ text }) => text)).toContain('half')
})

test('a rate limit counts down until it has passed', async () => {
  const { ending, clock, actions } = start((_, number) =>
    number === 1 ? refusal(429, 'rate_limit', 'slow down', { 'retry-after': '2' }) : stream(endEvents())
  )
  await clock.advance(2_000)
  expect(await ending).toMatchObject({ kind: 'complete' })
  expect(actions.flatMap((action) => (action.type === 'waiting' ? [action.text] : []))).toEqual([
    'slow down; trying again in 2 s',
    'slow down; trying again in 1 s',
    undefined
  ])
})

test('a refusal is said, with the balance where credits are what lacks', async () => {
  const { ending } = start(({ path }) =>
    path === '/api/balance'
      ? json({ balance: 0.5, held: 0, available: 0.5, grants: [] })
      : refusal(402, 'insufficient_quota', 'affords nothing')
  )
  expect(await ending).toMatchObject({
    kind: 'failed',
    message: 'affords nothing\nYour balance is 0.5 credits. More credits are needed to go on.'
  })
})
