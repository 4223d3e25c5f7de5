import type { Clock } from '../../lib/clock.js'
import type { Store } from '../state/store.js'
import type { Account } from './account.js'

const LOOK_AGAIN_MS = 5_000
const LOOKS_MAX = 120

/** Receipts that could not be had with their answers, because the network or the server was gone: asked for until they are here. */
export interface LateReceipts {
  watch(requestId: string): void
  stop(): void
}

export function createLateReceipts({
  account,
  store,
  clock
}: {
  readonly account: Account
  readonly store: Store
  readonly clock: Clock
}): LateReceipts {
  const stops = new Set<() => void>()
  return {
    watch(requestId) {
      let looks = 0
      let cancel = () => {}
      const end = () => {
        cancel()
        stops.delete(end)
      }
      const look = async () => {
        const receipt = await account
          .api()
          .receipt(requestId, { waitS: 0 })
          .catch(() => undefined)
        if (!stops.has(end)) return
        if (receipt) {
          end()
          store.dispatch({ type: 'settled', receipt })
        } else if (++looks < LOOKS_MAX) cancel = clock.after(LOOK_AGAIN_MS, () => void look())
        else end()
      }
      stops.add(end)
      cancel = clock.after(LOOK_AGAIN_MS, () => void look())
    },
    stop() {
      for (const end of [...stops]) end()
    }
  }
}
