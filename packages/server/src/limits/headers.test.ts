import { expect, test } from 'vitest'
import { rateLimitHeaders } from './headers.js'

const nowMs = Date.UTC(2026, 10, 15, 12)
const headersOf = (snapshot: Parameters<typeof rateLimitHeaders>[0]['snapshot']) =>
  Object.fromEntries(rateLimitHeaders({ tier: 'free', snapshot, nowMs }))

test('each limit in our names, in Anthropic’s and in OpenAI’s', () => {
  const snapshot = {
    limitRequests: 5,
    remainingRequests: 3,
    limitInputTokens: 20_000,
    remainingInputTokens: 12_345,
    resetS: 12
  }
  expect(headersOf(snapshot)).toEqual({
    'x-ratelimit-tier': 'free',
    'x-ratelimit-limit-requests': '5',
    'x-ratelimit-remaining-requests': '3',
    'x-ratelimit-reset-requests': '12',
    'anthropic-ratelimit-requests-limit': '5',
    'anthropic-ratelimit-requests-remaining': '3',
    'anthropic-ratelimit-requests-reset': '2026-11-15T12:00:12.000Z',
    'anthropic-ratelimit-input-tokens-limit': '20000',
    'anthropic-ratelimit-input-tokens-remaining': '12345',
    'anthropic-ratelimit-input-tokens-reset': '2026-11-15T12:00:12.000Z',
    'x-ratelimit-limit-tokens': '20000',
    'x-ratelimit-remaining-tokens': '12345',
    'x-ratelimit-reset-tokens': '12s'
  })
})

test('where there is no limit, only our own requests say so', () => {
  const snapshot = {
    limitRequests: null,
    remainingRequests: null,
    limitInputTokens: null,
    remainingInputTokens: null,
    resetS: 0
  }
  expect(headersOf(snapshot)).toEqual({
    'x-ratelimit-tier': 'free',
    'x-ratelimit-limit-requests': 'unlimited',
    'x-ratelimit-remaining-requests': 'unlimited',
    'x-ratelimit-reset-requests': '0'
  })
})
