import { EXIT } from '@caicaini/protocol'
import type { Context } from '../../context.js'
import type { CliError } from '../../lib/cli-error.js'
import { sleep } from '../../lib/clock.js'
import { creditsPhrase } from '../../lib/money-text.js'
import { qrText } from '../../lib/qr-text.js'
import { usd } from '../../lib/subscription-text.js'
import type { BlockContent } from '../state/blocks.js'
import type { Store } from '../state/store.js'
import type { Account } from './account.js'

const LOOK_AGAIN_MS = 5_000
/** What stands below a QR code: header, input, status. */
const ROWS_BESIDE = 6

export interface MendDeps {
  readonly context: Pick<Context, 'clock' | 'target'>
  readonly account: Account
  readonly store: Store
  readonly signal: AbortSignal
}

/** Does what a refusal needs, here in the chat; true once the message may be sent again. */
export function createMend(deps: MendDeps): (error: CliError) => Promise<boolean> {
  let told = false
  let seen: number | undefined
  return async (error) => {
    if (error.exit === EXIT.credits && error.code !== 'key_quota') {
      if (!told) await tellWays(error, deps)
      told = true
      seen = await creditsArrive(seen, deps)
      return true
    }
    if (isKeyRefused(error) && deps.account.canSignIn) {
      await signIn(error, deps)
      return true
    }
    return false
  }
}

function isKeyRefused({ exit, code }: CliError): boolean {
  return exit === EXIT.auth && code !== 'scope' && code !== 'suspended'
}

/** What would give more credits, with the address and its QR code. */
async function tellWays(error: CliError, { context, account, store }: MendDeps): Promise<void> {
  const print = (content: BlockContent) => store.dispatch({ type: 'print', content })
  print({ kind: 'error', text: error.message })
  const target = context.target()
  if (target.kind === 'local') {
    const { account: owner } = await account.api().self()
    print({
      kind: 'notice',
      text: `Add some in another terminal: caicaini --local admin credits grant ${owner.username} 1000`
    })
    return
  }
  const lines = await waysOf(account).catch(() => [])
  const url = `${target.baseUrl}/account`
  print({ kind: 'notice', text: [...lines, `Open ${url}`].join('\n') })
  const { viewport, colours, plain } = store.get()
  const place = { columns: viewport.columns, rows: viewport.rows - ROWS_BESIDE, colour: colours !== 'none' }
  const code = plain ? undefined : await qrText(url, place)
  if (code) print({ kind: 'rows', rows: code.trimEnd().split('\n') })
}

async function waysOf(account: Account): Promise<string[]> {
  const plans = await account.api().plans()
  const better = plans.filter(({ change }) => change?.kind === 'up')
  return [
    'A top-up lasts: US$ 1 gives 1,000 credits.',
    ...better.map(
      ({ display_name, price_usd_cents, monthly_credits }) =>
        `${display_name}: ${creditsPhrase(monthly_credits)} a month for US$ ${usd(price_usd_cents)}`
    )
  ]
}

/**
 * Resolves with the balance once there is more than was `seen`; rejects when the user does not wait. What is looked at
 * first counts as more: it may have come since the refusal, and another refusal costs nothing.
 */
async function creditsArrive(
  seen: number | undefined,
  { context: { clock }, account, store, signal }: MendDeps
): Promise<number> {
  const waiting = { what: 'waiting for credits', why: 'your message is sent once they are there' }
  store.dispatch({ type: 'waiting', waiting })
  let last = seen
  for (;;) {
    await sleep(clock, LOOK_AGAIN_MS, signal)
    // A server that does not answer now may at the next look.
    const now = await account.balance().catch(() => undefined)
    if (!now) continue
    store.dispatch({ type: 'balance', balance: now })
    const hasMore = last === undefined || now.total > last
    last = now.total
    if (hasMore) break
  }
  store.dispatch({ type: 'waiting', waiting: undefined })
  return last
}

async function signIn(error: CliError, { account, store, signal }: MendDeps): Promise<void> {
  store.dispatch({ type: 'print', content: { kind: 'error', text: error.message } })
  store.dispatch({
    type: 'waiting',
    waiting: { what: 'waiting for you to sign in again', why: 'your message is sent then' }
  })
  const tell = (text: string) => store.dispatch({ type: 'print', content: { kind: 'notice', text: text.trimEnd() } })
  await account.signInAgain({ tell, signal })
  tell('Signed in again.')
  store.dispatch({ type: 'waiting', waiting: undefined })
}
