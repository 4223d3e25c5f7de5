import { expect, test } from 'vitest'
import { momentOf } from './since.js'

const now = Date.UTC(2026, 10, 15, 12, 30)

test.each([
  ['1d', '2026-11-15T00:00:00.000Z'],
  ['7d', '2026-11-09T00:00:00.000Z'],
  ['24h', '2026-11-14T12:30:00.000Z'],
  ['2026-11-01', '2026-11-01T00:00:00.000Z'],
  ['2026-11-01T06:00Z', '2026-11-01T06:00:00.000Z']
])('%s begins at %s', (text, moment) => {
  expect(new Date(momentOf(text, now)).toISOString()).toBe(moment)
})

test('nothing begins at the beginning, and no such day at all', () => {
  expect(momentOf(undefined, now)).toBe(0)
  expect(() => momentOf('2026-02-31', now)).toThrow('there is no such time as "2026-02-31"')
  expect(() => momentOf('2026-13-01', now)).toThrow('since: ')
})
