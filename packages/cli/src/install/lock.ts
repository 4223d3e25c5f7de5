import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** What is done under the lock takes a second; a lock this old was left behind. */
const STALE_MS = 10 * 60_000
const LOOK_AGAIN_MS = 100

export interface LockOptions {
  readonly nowMs: () => number
  /** How long to wait for another installation to end. */
  readonly waitMs: number
  /** Told once, when another has it. */
  readonly onWait: (pid: number) => void
}

/** Runs `work` while no other installation changes the same folder. Rejects when another one does not end. */
export async function withLock<T>(path: string, options: LockOptions, work: () => T | Promise<T>): Promise<T> {
  await take(path, options)
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

async function take(path: string, { nowMs, waitMs, onWait }: LockOptions): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const until = nowMs() + waitMs
  for (let told = false; ; ) {
    try {
      return writeFileSync(path, `${process.pid}\n`, { flag: 'wx' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = holderOf(path)
    if (holder === undefined) continue
    if ((holder.pid !== null && !isAlive(holder.pid)) || nowMs() - holder.sinceMs > STALE_MS) {
      discard(path, holder.pid)
      continue
    }
    if (nowMs() >= until) throw new Error(`another installation is under way (process ${holder.pid}): try again later`)
    if (!told && holder.pid !== null) onWait(holder.pid)
    told ||= holder.pid !== null
    await sleep(LOOK_AGAIN_MS)
  }
}

/** `pid` is null in the moment before its owner has written it. */
function holderOf(path: string): { pid: number | null; sinceMs: number } | undefined {
  try {
    return { pid: Number.parseInt(readFileSync(path, 'utf8'), 10) || null, sinceMs: statSync(path).mtimeMs }
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Of several that find it stale one gets it out of the way; should it be somebody's by now, it is put back. */
function discard(path: string, pid: number | null): void {
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
    if (holderOf(aside)?.pid !== pid) renameSync(aside, path)
  } catch {
    // Another was faster.
  }
  rmSync(aside, { force: true })
}
