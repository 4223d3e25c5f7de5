import { expect, test } from 'vitest'
import { runToExitCode } from '../run-process.js'
import { bytes, json, receiptOf } from '../testing/play-transport.js'
import { createTestContext, KEY } from '../testing/test-context.js'

/** Retitles the window, in both spellings of its escape. */
const EVIL = '\u001b]0;gone\u0007\u009d0;gone\u009c'

/** The value with that behind every text of it, but for times. */
function evil<T>(value: T): T {
  if (typeof value === 'string') return (/^\d{4}-/.test(value) ? value : value + EVIL) as T
  if (Array.isArray(value)) return value.map(evil) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, evil(each)])) as T
}

const at = '2026-11-21T10:00:00.000Z'
const key = { id: 'key_1', name: 'k', scope: 'api', hint: 'h', status: 'active', quota: 0, quota_period: 'day' }
const limits = { requests_per_minute: 1, input_tokens_per_minute: 1, concurrent_streams: 1 }
const account = { id: 'acct_1', username: 'ada', role: 'user', plan: 'pro', tier: 'free' }
const change = { id: 'chg_1', state: 'forced', taken: ['less'], accounts: 1, effective_at: at }
const grant = { kind: 'topup', remaining: 1, amount: 1, held: 0, starts_at: at, expires_at: null, reference: 'r' }
const charge = { settled_at: at, account: 'acct_1', model: 'm', why: 'cut', credits: 1, request_id: 'req_1' }
const sums = { requests: 1, billed: 1, failed: 0, input_tokens: 1, output_tokens: 1, credits: 1, refunded: 0 }
const usage = { ...sums, cache_read_tokens: 0, cache_write_tokens: 0 }
const plan = { ...account, name: 'pro', price_usd_cents: 1, monthly_credits: 1, keys_max: 1, discount_percent: 0 }
const provider = {
  name: 'p',
  configured: true,
  keys: [{ env: 'E', last_status: 401, set_aside_until: at }],
  models: [
    {
      model: 'm',
      breaker: 'open',
      breaker_since: at,
      requests: 1,
      errors: 1,
      error_rate: 1,
      first_token_ms: null,
      latency_ms: null
    }
  ]
}
/** All that any route answers, in one. */
const everything = {
  ...key,
  ...account,
  ...receiptOf({ model: 'auto' }),
  ...change,
  quota_used: 0,
  last_used_at: null,
  key: { ...key, ...limits },
  account: { ...account, ...limits },
  notice: 'n',
  keys: [{ ...key, quota_used: 0, last_used_at: null }],
  plans: [{ ...plan, scopes: ['api'], models: ['m'], lowest_tier: 't', current: false, change: null }],
  users: [{ ...account, status: 'active', balance: 1, created_at: at }],
  set: {},
  held: 0,
  available: 1,
  subscription: 0,
  topup: 1,
  usd: '0.00',
  grants: [grant],
  granted: false,
  grant_id: 'g',
  taken: 1,
  again: true,
  plan_name: 'Pro',
  since: at,
  this_month: null,
  last_month: 'm',
  scheduled: { plan: 'p', begins_month: 'm', last_month: 'm' },
  notices: ['n'],
  events: [{ at, actor: 'a', action: 'b', subject: 'c', detail: { d: 'e' } }],
  changes: [change],
  charges: [charge],
  requests: 1,
  accounts: 1,
  receipts: [receiptOf()],
  next: null,
  by: 'day',
  rows: [{ name: 'n', ...usage }],
  total: usage,
  servers: [
    { instance: 'i', host: 'h', pid: 1, state: 'refused', fault: 'f', serving: true, as_of: at, providers: [provider] }
  ],
  provider: 'p',
  ok: true,
  latency_ms: 1,
  mend: null,
  models: [{ id: 'm', aliases: ['m'], state: 'degraded', since: at, note: 'n' }],
  data: [{ id: 'm', aliases: ['a'], price: null, context_window: 1, description: 'd' }]
}

test.each([
  'auth status',
  'models',
  'balance --details',
  'plans',
  'usage',
  'receipts list',
  'receipts show req_1',
  'receipts show req_1 --explain',
  'keys list',
  'keys create --name x --user ada',
  'admin users list',
  'admin users create ada',
  'admin users limits ada',
  'admin credits reconcile --provider p --from 2026-11-21 --to 2026-11-22',
  'admin subscriptions show ada',
  'admin events',
  'admin catalog changes',
  'admin catalog reload',
  'admin providers',
  'admin providers test p',
  'admin catalog force chg_1 --reason x',
  'admin ledger export --format csv',
  'receipts export',
  'auth login --with-token'
])('nothing that a server says is obeyed by the terminal: %s', async (words) => {
  // What is a list of texts in one answer is an amount in another.
  const answer = words.startsWith('admin catalog force') ? { ...everything, taken: ['less'] } : everything
  const isLogin = words.startsWith('auth login')
  const t = createTestContext({
    stdoutTty: true,
    ...(isLogin ? { stdin: KEY } : {}),
    env: { NO_COLOR: '1', ...(isLogin ? { CAICAINI_API_KEY: undefined } : {}) },
    play: ({ path }) => {
      if (path.includes('export')) return { body: [bytes(`a,${EVIL}\r\n`)] }
      const body = evil(answer)
      return json(words.startsWith('keys create') ? { ...body, key: `k${EVIL}` } : body)
    }
  })
  await runToExitCode(words.split(' '), t.facts)
  const said = t.stdout() + t.stderr()
  expect(said).toContain('gone')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  expect(said.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)).toBeNull()
})
