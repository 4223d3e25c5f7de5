import { AppError } from '@caicaini/protocol'
import type { Clock } from '../lib/clock.js'
import type { Db, Row, Tx } from '../storage/tables.js'
import { deletePast, forgetSubject, forgiveOne, noteFailure, readThrottle } from './store.js'

export interface Pace {
  /** Failures that cost nothing yet. */
  readonly free: number
  /** The wait after the first one beyond them; each further one doubles it. */
  readonly firstMs: number
  readonly mostMs: number
  /** When no failure came for so long, all are forgotten. */
  readonly forgetMs: number
}

export type Throttle = ReturnType<typeof createThrottle>

/**
 * Growing waits for whoever keeps failing, by subject: an address, or what else is the doer's own. What an
 * attacker can name, such as another's account, must not be a subject: they would lock its owner out.
 */
export function createThrottle({ db, clock }: { db: Db; clock: Clock }) {
  function refuseEarly(row: Row<'throttle'> | undefined): void {
    const leftMs = row ? Number(row.until_ms) - clock.nowMs() : 0
    if (leftMs <= 0) return
    const retryAfterS = Math.ceil(leftMs / 1000)
    throw new AppError('rate_limit', `Too many failed attempts from here. Try again in ${retryAfterS} s.`, {
      retryAfterS
    })
  }

  async function count(tx: Tx, subject: string, { free, firstMs, mostMs, forgetMs }: Pace): Promise<void> {
    const nowMs = clock.nowMs()
    const row = await readThrottle(tx, subject)
    const failures = row && Number(row.forget_at_ms) > nowMs ? Number(row.failures) + 1 : 1
    const waitMs = failures <= free ? 0 : Math.min(mostMs, firstMs * 2 ** Math.min(failures - free - 1, 20))
    await noteFailure(tx, {
      subject,
      failures: BigInt(failures),
      until_ms: BigInt(nowMs + waitMs),
      forget_at_ms: BigInt(nowMs + waitMs + forgetMs)
    })
  }

  return {
    /** 429 with the time to wait, while there is any. */
    async require(subject: string): Promise<void> {
      refuseEarly(await readThrottle(db, subject))
    },

    /** One more failure, counted in one statement: as many at once count as many. */
    fail: (subject: string, pace: Pace): Promise<void> => db.transaction().execute((tx) => count(tx, subject, pace)),

    /**
     * Both in one, before anything is checked: of a thousand tries at once no more are let in than of a thousand
     * in a row. `forget` it where the try was right.
     */
    attempt: (subject: string, pace: Pace): Promise<void> =>
      db.transaction().execute(async (tx) => {
        refuseEarly(await readThrottle(tx, subject))
        await count(tx, subject, pace)
      }),

    /** Takes one counted try back: it was none of those that are counted. */
    forgive: (subject: string): Promise<void> => db.transaction().execute((tx) => forgiveOne(tx, subject)),

    forget: (subject: string): Promise<void> => forgetSubject(db, subject),

    /** Deletes what is forgotten. */
    sweep: (): Promise<void> => deletePast(db, clock.nowMs())
  }
}
