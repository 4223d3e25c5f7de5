import type { Catalog } from '../catalog/catalog.js'
import { readLifetimeTopups } from '../ledger/lifetime-topups.js'
import type { Log } from '../lib/log.js'
import { nextTurn } from '../lib/next-turn.js'
import { inParts } from '../storage/compiled-once.js'
import type { Db } from '../storage/tables.js'
import { promotedTier } from './promotion.js'
import { raiseTier, readTiers } from './store.js'

export interface TiersDeps {
  readonly db: Db
  readonly log: Log
  readonly catalog: Catalog
  /** Keys are remembered with the tier of their account: called after one has changed. */
  readonly forgetKeys: () => void
}

/** Tiers follow what accounts have paid over their life, upwards only. */
export function createTiers({ db, log, catalog, forgetKeys }: TiersDeps) {
  return {
    /** Raises every account that has paid for a higher tier. */
    async promote(stopped: () => boolean): Promise<void> {
      const topups = await readLifetimeTopups(db)
      let raised = false
      for (const ids of inParts([...topups.keys()])) {
        await nextTurn()
        if (stopped()) break
        for (const { id, tier } of await readTiers(db, ids)) {
          const to = promotedTier(catalog.tiers, { tier, toppedUp: topups.get(id) ?? 0n })
          if (to === undefined) continue
          await raiseTier(db, { id, from: tier, to })
          log.info({ account: id, from: tier, to }, 'promoted by its payments')
          raised = true
        }
      }
      if (raised) forgetKeys()
    }
  }
}
