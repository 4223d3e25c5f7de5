import { beforeEach, expect, test } from 'vitest'
import { endedCall } from '../testing/ended-call.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { breakerOf, createBreakers } from './breakers.js'

let clock: ReturnType<typeof createFakeClock>
let breakers: ReturnType<typeof createBreakers>

beforeEach(() => {
  clock = createFakeClock()
  breakers = createBreakers({ clock })
})

const fail = (times: number) => {
  for (let i = 0; i < times; i++) breakers.noteFailure('a')
}

test('opens after five failures one after another, and not before', () => {
  fail(4)
  expect(breakers.waitS('a')).toBeNull()
  breakers.noteSuccess('a')
  fail(4)
  expect(breakers.waitS('a')).toBeNull()
  fail(1)
  expect(breakers.waitS('a')).toBe(15)
  expect(breakers.waitS('b')).toBeNull()
  expect(breakers.open()).toEqual([{ name: 'a', state: 'open', sinceMs: clock.nowMs() }])
})

test('lets one probe through when its time is over, whose answer decides', () => {
  fail(5)
  clock.advance({ seconds: 15 })
  expect(breakers.waitS('a')).toBeNull()
  expect(breakers.waitS('a')).toBe(1)
  fail(1)
  expect(breakers.waitS('a')).toBe(30)
  clock.advance({ seconds: 30 })
  expect(breakers.waitS('a')).toBeNull()
  breakers.noteSuccess('a')
  expect(breakers.waitS('a')).toBeNull()
  expect(breakers.open()).toEqual([])
})

test('a probe whose client left decides nothing: the next one probes', () => {
  fail(5)
  clock.advance({ seconds: 15 })
  expect(breakers.waitS('a')).toBeNull()
  breakers.noteNothing('a')
  expect(breakers.waitS('a')).toBeNull()
})

test('stays open two minutes at most', () => {
  fail(5)
  for (let i = 0; i < 10; i++) {
    clock.advance({ minutes: 2 })
    expect(breakers.waitS('a')).toBeNull()
    fail(1)
  }
  expect(breakers.waitS('a')).toBe(120)
})

test('answers that break off open it too, though each of them began; a whole one ends their row', () => {
  const way = { provider: 'p', model: 'm' }
  const name = breakerOf(way)
  const breakOff = (times: number) => {
    for (let i = 0; i < times; i++) {
      breakers.noteSuccess(name)
      breakers.observer.failed({ ...way, code: 'upstream_error', inAnswer: true })
    }
  }
  const whole = { ...endedCall, ...way }
  breakOff(4)
  breakers.observer.ended(whole)
  breakOff(4)
  expect(breakers.waitS(name)).toBeNull()
  breakOff(1)
  expect(breakers.waitS(name)).toBe(15)
  clock.advance({ seconds: 15 })
  expect(breakers.waitS(name)).toBeNull()
  // The probe began to answer: others may come, until the next one breaks off.
  breakers.noteSuccess(name)
  expect(breakers.waitS(name)).toBeNull()
  breakers.observer.failed({ ...way, code: 'upstream_error', inAnswer: true })
  expect(breakers.waitS(name)).toBe(15)
})
