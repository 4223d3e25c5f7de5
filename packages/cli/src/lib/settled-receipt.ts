import type { Receipt } from '@caicaini/protocol'
import type { ApiClient } from './api-client.js'
import type { Clock } from './clock.js'
import { createWatchdog } from './watchdog.js'

/** How long the server waits for the settlement of an answer that was stopped. */
const WAIT_S = 2
/** How long we wait for it to say so: nobody who pressed Ctrl-C stays longer. */
const LIMIT_MS = 3_000

/** What a request that did not end by itself was billed; undefined when that cannot be learned now. */
export async function settledReceipt(
  requestId: string | undefined,
  { api, clock }: { api: Pick<ApiClient, 'receipt'>; clock: Clock }
): Promise<Receipt | undefined> {
  if (requestId === undefined) return undefined
  const watchdog = createWatchdog(clock, { limitMs: LIMIT_MS, expired: () => new Error('no receipt in time') })
  try {
    return await api.receipt(requestId, { waitS: WAIT_S, signal: watchdog.signal })
  } catch {
    // The answer's own end is what the user is told about; the receipt stays available by its id.
    return undefined
  } finally {
    watchdog.stop()
  }
}
