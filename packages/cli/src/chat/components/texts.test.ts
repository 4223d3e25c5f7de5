import { expect, test } from 'vitest'
import { newMarkdownStream } from '../../markdown/stream.js'
import { headroomOf } from '../conversation/headroom.js'
import type { Live } from '../state/session.js'
import { coloursOf } from '../state/theme.js'
import { headerText } from './header.js'
import { statusText } from './live-view.js'
import { queueLines } from './queue-view.js'

const header = {
  model: 'caicaini/opus',
  plan: 'pro',
  balance: { total: 1234.5, subscription: 1000, topup: 234.5 },
  headroom: undefined,
  hint: undefined,
  conversation: { id: 'c', title: undefined, saved: true, system: undefined, turns: [] },
  coloured: false
}

test('the header: the parts of the balance where there is room, headroom when it is scarce', () => {
  expect(headerText({ ...header, columns: 80 })).toBe('opus · plan pro · balance 1,234.5')
  expect(headerText({ ...header, columns: 120 })).toBe('opus · plan pro · balance 1,234.5 (month 1,000, top-up 234.5)')
  const scarce = { left: 0.1, text: "10 % of the minute's requests left" }
  expect(headerText({ ...header, headroom: scarce, columns: 80 })).toContain("10 % of the minute's requests left")
  expect(headerText({ ...header, balance: undefined, columns: 80 })).toContain('balance …')
})

test('headroom is what is scarcer, and nothing while there is plenty', () => {
  const headers = (requests: number, tokens: number) => ({
    'x-ratelimit-limit-requests': '60',
    'x-ratelimit-remaining-requests': String(requests),
    'anthropic-ratelimit-input-tokens-limit': '100000',
    'anthropic-ratelimit-input-tokens-remaining': String(tokens)
  })
  expect(headroomOf(headers(50, 90_000))).toBeUndefined()
  expect(headroomOf(headers(6, 90_000))?.text).toBe("10 % of the minute's requests left")
  expect(headroomOf(headers(50, 5_000))?.text).toBe("5 % of the minute's tokens left")
  expect(headroomOf({ 'x-ratelimit-limit-requests': 'unlimited' })).toBeUndefined()
})

test('the status line: time, tokens and cost so far', () => {
  const live: Live = {
    model: 'haiku',
    startedAtMs: 0,
    nowMs: 12_400,
    text: 'a'.repeat(1_360),
    markdown: newMarkdownStream(),
    inputTokens: 200,
    price: { input: 1000, output: 5000 },
    waiting: undefined,
    stopping: false
  }
  expect(statusText(live)).toMatch(/^. 12 s · ~340 tokens · ~1\.9 credits · Esc stops$/)
  expect(statusText({ ...live, text: '', price: undefined })).toMatch(/^. 12 s · Esc stops$/)
  expect(statusText({ ...live, waiting: { what: 'waiting', why: 'because' } })).toMatch(
    /waiting · Esc cancels · because$/
  )
  expect(statusText({ ...live, stopping: true })).toMatch(/stopping$/)
})

test('what waits is a line each, and no more than three', () => {
  const draft = (text: string) => ({ text, chips: [] })
  expect(queueLines(['a\nb', 'c', 'd', 'e', 'f'].map(draft))).toEqual([
    '  waits: a b',
    '  waits: c',
    '  waits: d',
    '  and 2 more'
  ])
})

test('colours follow the terminal, NO_COLOR before any theme', () => {
  const tty = { isTTY: true }
  expect(coloursOf('auto', tty, {})).toBe('dark')
  expect(coloursOf('auto', tty, { COLORFGBG: '0;15' })).toBe('light')
  expect(coloursOf('light', tty, { NO_COLOR: '1' })).toBe('none')
  expect(coloursOf('none', tty, {})).toBe('none')
  expect(coloursOf('dark', { isTTY: false }, {})).toBe('none')
})
