import { nextTurn } from '../lib/next-turn.js'
import { startSweep } from '../lib/sweep.js'
import { createDelivery, type DeliveryDeps } from './delivery.js'
import { claimMail, deleteEnded, freeOfDead, type MailRow, readDue } from './store.js'

const SWEEP_MS = 15_000
/** A try has ended long before. */
const LEASE_MS = 300_000
const STOP_MS_MAX = 10_000
const AT_ONCE_MAX = 4
const FAILURE = 'could not send mails; trying again'
const KEPT_MS = 14 * 86_400_000

/** Sends what is queued: at once when something is, and again and again what failed. */
export function createOutbox(deps: DeliveryDeps) {
  const { db, clock, log } = deps
  const sendMail = createDelivery(deps)
  let serving: { readonly instanceId: string; readonly stop: () => Promise<void> } | undefined
  let draining: Promise<void> | undefined
  let hasMore = false
  const breakingOff = new AbortController()
  const logFailure = (error: unknown) => log.error({ error: String(error) }, FAILURE)

  /** A mail that is ours for now; its `attempts` is that of this try. */
  function takeOne(instanceId: string): Promise<MailRow | undefined> {
    return db.transaction().execute(async (tx) => {
      const row = await readDue(tx, clock.nowMs())
      if (!row || !(await claimMail(tx, row, { instanceId, untilMs: clock.nowMs() + LEASE_MS }))) return undefined
      return { ...row, attempts: row.attempts + 1n }
    })
  }

  async function work(instanceId: string): Promise<void> {
    for (let row = await takeOne(instanceId); row; row = serving && (await takeOne(instanceId))) {
      await sendMail(row, breakingOff.signal)
      await nextTurn()
    }
  }

  /** Sends until nothing is due. Called while it does, it looks once more at its end. */
  function drain(): Promise<void> {
    hasMore = true
    draining ??= (async () => {
      while (serving && hasMore) {
        hasMore = false
        const { instanceId } = serving
        await Promise.all(Array.from({ length: AT_ONCE_MAX }, () => work(instanceId).catch(logFailure)))
      }
    })().finally(() => {
      draining = undefined
    })
    return draining
  }

  return {
    /** Called within a transaction: its first look waits until that has ended. */
    nudge(): void {
      if (!serving) return
      void nextTurn()
        .then(() => drain())
        .catch(logFailure)
    },

    serve(instanceId: string): void {
      if (serving) return
      const sweep = async () => {
        await freeOfDead(db, clock.nowMs())
        await drain()
        await deleteEnded(db, clock.nowMs() - KEPT_MS)
      }
      // Known before the sweep begins, for that looks at it.
      serving = { instanceId, stop: async () => undefined }
      const running = startSweep({
        clock,
        log,
        everyMs: SWEEP_MS,
        failure: FAILURE,
        sweep
      })
      serving = { instanceId, stop: running.stop }
    },

    /** Lets the mails in hand leave, for some seconds; resolves when none is. The next run tries again what was broken off. */
    async stop(): Promise<void> {
      const { stop } = serving ?? {}
      serving = undefined
      const timer = setTimeout(() => breakingOff.abort(), STOP_MS_MAX)
      await stop?.()
      await draining
      clearTimeout(timer)
    }
  }
}
