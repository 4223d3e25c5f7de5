import { env } from 'node:process'

/*
 * How long what is random is tried, and how a failure is found again: scripts/soak.js sets these, and
 * whoever repeats a failure that named them. Without them a test runs as long as an ordinary one may.
 */

export interface SoakSettings {
  /** In place of the ordinary run's count; undefined in that. */
  readonly count: number | undefined
  readonly seed: number
  /** Where in the tries of that seed a property failed. */
  readonly path: string | undefined
}

/** `counted` names the variable that sets the count, such as SOAK_STEPS. */
export function soakSettings(counted: string): SoakSettings {
  const given: Readonly<Record<string, string | undefined>> = env
  const count = given[counted]
  const { SOAK_SEED: seed, SOAK_PATH: path } = given
  return {
    count: count === undefined ? undefined : Number(count),
    seed: seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(seed),
    path
  }
}

/** Says how far a soak is, on stderr, every few seconds. */
export function progressOf(what: string, target: number): (done: number) => void {
  const startedMs = performance.now()
  let toldMs = startedMs
  return (done) => {
    if (performance.now() - toldMs < 5_000) return
    toldMs = performance.now()
    const [of, seconds] = [target.toLocaleString('en-US'), Math.round((toldMs - startedMs) / 1000)]
    process.stderr.write(`${done.toLocaleString('en-US')} of ${of} ${what}, ${seconds} s\n`)
  }
}
