import { expect, test } from 'vitest'
import { receiptOf } from '../testing/play-transport.js'
import { type Action, type Ending, newSession, reduce, type Session, sessionTotal } from './session.js'

function play(actions: readonly Action[], from = newSession({ model: 'haiku' })): Session {
  return actions.reduce(reduce, from)
}

const asked: Action = { type: 'asked', text: 'hi', atMs: 0 }
const delta = (text: string): Action => ({ type: 'delta', text })
const ended = (how: Partial<Ending> = {}): Action => ({
  type: 'ended',
  how: { kind: 'complete', receipt: receiptOf(), requestId: 'req_1', ...how }
})
const shown = ({ blocks }: Session) => blocks.map(({ kind, text }) => `${kind}: ${text}`)

test('finished lines are printed, the unfinished one stays live', () => {
  const session = play([asked, delta('one\ntw'), delta('o\nthr')])
  expect(shown(session)).toEqual(['question: hi', 'text: one', 'text: two'])
  expect(session.live?.pending).toBe('thr')
})

test('lines of a code block are told apart, however they arrive', () => {
  const answer = 'see:\n```js\nif (x) {\n\n}\n```\ndone'
  for (const size of [1, 3, 100]) {
    const deltas = answer.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
    const session = play([asked, ...deltas.map(delta), ended()])
    expect(session.blocks.slice(1, -1).map(({ kind }) => kind)).toEqual([
      'text',
      ...['code', 'code', 'code', 'code', 'code'],
      'text'
    ])
  }
})

test('an answer is followed by its cost, and the balance and the total by its receipt', () => {
  const session = play([asked, delta('yes'), ended()])
  expect(shown(session).slice(1)).toEqual([
    'text: yes',
    'cost: ↳ haiku · 1,204 in · 312 out · 2.76 credits · balance 9,912.3'
  ])
  expect(session.balance).toBe(9912.3)
  expect(sessionTotal(play([asked, delta('x'), ended()], session))).toBe(
    '2 answers · 5.528 credits · balance 9,912.3 credits'
  )
  expect(session.turns).toEqual([
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: 'yes' }
  ])
})

test('of a model that auto chose the cost line says why', () => {
  const receipt = receiptOf({ model: 'auto', route_reason: 'Maths and several steps: the top model' })
  const session = play([asked, delta('yes'), ended({ receipt })])
  expect(shown(session).at(-1)).toMatch(/^cost: ↳ claude-haiku-4-5 .* · Maths and several steps: the top model$/)
})

test('a stopped answer stays, says so and says its cost', () => {
  const session = play([asked, delta('half'), { type: 'stopping' }, ended({ kind: 'stopped' })])
  expect(shown(session).slice(1, 3)).toEqual(['text: half', 'notice: stopped'])
  expect(session.turns).toHaveLength(2)
  const pending = play([asked, ended({ kind: 'stopped', receipt: undefined })])
  expect(shown(pending).at(-1)).toBe('cost: ↳ cost not known yet · caicaini receipts show req_1')
  expect(pending.turns).toHaveLength(0)
})

test('a failed answer is not built upon and costs what its receipt says, if it has one', () => {
  const session = play([asked, delta('half'), ended({ kind: 'failed', receipt: undefined, message: 'overloaded' })])
  expect(shown(session).slice(1)).toEqual(['text: half', 'error: overloaded'])
  expect(session).toMatchObject({ turns: [], answers: 0, live: undefined })
})

test('escape sequences in an answer are shown, not obeyed', () => {
  expect(shown(play([asked, delta('\u001b[2Jx\n')]))[1]).toBe('text: ␛[2Jx')
})

test('what comes after the end changes nothing', () => {
  const session = play([asked, ended()])
  expect(play([delta('late'), { type: 'stopping' }, ended()], session)).toBe(session)
})
