import { beforeEach, expect, test } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.js'
import { createBreakers } from './breakers.js'

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
