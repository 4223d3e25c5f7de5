import type { Clock } from '../lib/clock.js'
import type { Ids } from '../lib/ids.js'
import type { Log } from '../lib/log.js'
import type { Db } from '../storage/tables.js'
import type { Processes } from './process-identity.js'
import { deleteInstance, endInstance, insertInstance, readOthers, renewLease } from './store.js'

const HEARTBEAT_MS = 10_000
const LEASE_MS = 30_000

export interface InstancesDeps {
  readonly db: Db
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly processes: Processes
}

/** A run that will not settle what it holds: gone, or asleep past its lease. */
export interface DeadInstance {
  readonly id: string
  readonly epoch: bigint
  /** The process is gone for good; one whose lease alone ran out may wake. */
  readonly gone: boolean
}

export type Instances = Awaited<ReturnType<typeof startInstance>>

/** Enters this run into the table of instances and keeps its lease. */
export async function startInstance({ db, clock, ids, log, processes }: InstancesDeps) {
  const id = ids.next('inst')
  let epoch = 1n
  let stopBeat = () => {}
  let closed = false
  /** Whether holds may name this run: only then is its row kept. */
  let used = false
  const { host, pid, start } = processes.self
  await insertInstance(db, {
    id,
    host,
    pid: BigInt(pid),
    process_start: start,
    epoch,
    lease_until_ms: BigInt(clock.nowMs() + LEASE_MS),
    started_at_ms: BigInt(clock.nowMs()),
    ended_at_ms: null
  })
  beatLater()

  function beatLater() {
    if (closed) return
    stopBeat = clock.after(HEARTBEAT_MS, () => {
      beat()
        .catch((error) => log.error({ error: String(error) }, 'could not renew the lease'))
        .finally(beatLater)
    })
  }

  async function beat(): Promise<void> {
    const renewed = await renewLease(db, { id, nowMs: clock.nowMs(), leaseUntilMs: clock.nowMs() + LEASE_MS })
    if (renewed !== epoch)
      log.warn(
        { instance: id, epoch: Number(renewed) },
        'slept past the lease: what was held then may have been released'
      )
    epoch = renewed
  }

  return {
    /** This run, by name. */
    self: { id, host, pid },
    /** What a hold is taken in the name of. */
    current() {
      used = true
      return { id, epoch }
    },
    /** Renews the lease now. */
    beat,

    /** Other instances whose lease is over, or whose process on this host is gone or another. */
    async findDead(): Promise<DeadInstance[]> {
      const others = await readOthers(db, id)
      return others.flatMap((other) => {
        const alive = processes.isAlive({ host: other.host, pid: Number(other.pid), start: other.process_start })
        const leaseOver = other.lease_until_ms <= BigInt(clock.nowMs())
        return alive === false || leaseOver ? [{ id: other.id, epoch: other.epoch, gone: alive === false }] : []
      })
    },

    markEnded: (instanceId: string) => endInstance(db, { id: instanceId, nowMs: clock.nowMs() }),

    async close(): Promise<void> {
      closed = true
      stopBeat()
      await (used ? endInstance(db, { id, nowMs: clock.nowMs() }) : deleteInstance(db, id))
    }
  }
}
