import { expect, test } from 'vitest'
import { createFakeClock } from '../../testing/fake-clock.js'
import { newSession } from './session.js'
import { createStore } from './store.js'

function storeWithDraws() {
  const clock = createFakeClock()
  const first = newSession({
    model: 'haiku',
    chatId: 'chat_1',
    saved: true,
    system: undefined,
    viewport: { columns: 80, rows: 24 },
    colours: 'none',
    links: false,
    plain: false
  })
  const store = createStore(first, clock)
  const drawnAtMs: number[] = []
  const beginMs = clock.nowMs()
  store.subscribe(() => drawnAtMs.push(clock.nowMs() - beginMs))
  return { store, clock, drawnAtMs }
}

test('what a key does is drawn at once, and takes along what waited', async () => {
  const { store, clock, drawnAtMs } = storeWithDraws()
  store.dispatch({ type: 'model', name: 'kimi' })
  await clock.advance(50)
  store.dispatch({ type: 'hint', text: 'soon' }, 'soon')
  expect(store.drawn().hint).toBeUndefined()
  await clock.advance(10)
  store.dispatch({ type: 'model', name: 'opus' })
  expect(store.drawn()).toMatchObject({ hint: 'soon', model: 'opus' })
  await clock.advance(1_000)
  expect(drawnAtMs).toEqual([0, 60])
})

test('a stream is drawn 15 times a second, however fast it comes', async () => {
  const { store, clock, drawnAtMs } = storeWithDraws()
  for (let n = 0; n < 1_000; n++) {
    store.dispatch({ type: 'hint', text: String(n) }, 'soon')
    await clock.advance(1)
  }
  expect(drawnAtMs.length).toBeGreaterThan(12)
  expect(drawnAtMs.length).toBeLessThanOrEqual(16)
})

test('never more than 30 pictures in a second, and the last state is always drawn', async () => {
  const { store, clock, drawnAtMs } = storeWithDraws()
  for (let n = 0; n < 500; n++) {
    store.dispatch({ type: 'hint', text: String(n) })
    await clock.advance(5)
  }
  await clock.advance(100)
  for (const atMs of drawnAtMs) {
    expect(drawnAtMs.filter((other) => other >= atMs && other < atMs + 1_000).length).toBeLessThanOrEqual(31)
  }
  expect(store.drawn().hint).toBe('499')
})

test('nothing is drawn where nothing changed', () => {
  const { store, drawnAtMs } = storeWithDraws()
  store.dispatch({ type: 'hint', text: undefined })
  expect(drawnAtMs).toEqual([])
})
