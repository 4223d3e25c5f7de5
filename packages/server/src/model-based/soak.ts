import fc from 'fast-check'
import { progressOf, soakSettings } from '../testing/soak-settings.js'

const RUNS_AT_ONCE = 50

export interface Soak {
  /** Whose steps they are, for whoever waits for them. */
  readonly of: string
  /** Steps of the ordinary run. */
  readonly stepsLeast: number
  /** The property; each of its runs tells `count` how many steps it made. */
  readonly property: (count: (steps: number) => void) => fc.IAsyncProperty<unknown>
}

/** Tries the property until enough steps are made; how many that were. Throws where it fails, naming the seed. */
export async function soak({ of, stepsLeast, property }: Soak): Promise<number> {
  const { count: wanted, seed: first, path } = soakSettings('SOAK_STEPS')
  const target = wanted ?? stepsLeast
  const tell = wanted === undefined ? () => undefined : progressOf(`steps of the ${of}`, target)
  if (wanted !== undefined) process.stderr.write(`${of}: seed ${first}\n`)
  let steps = 0
  for (let seed = first; steps < target; seed++) {
    const each = property((made) => {
      steps += made
      tell(steps)
    })
    await fc.assert(each, { seed, numRuns: RUNS_AT_ONCE, ...(path && { path }) }).catch((error: Error) => {
      // The first part names the program; the rest is how it was made smaller, which is done again.
      const found = /path: "(\d+)/.exec(error.message)?.[1] ?? '0'
      throw new Error(`to repeat it: SOAK_SEED=${seed} SOAK_PATH=${found} npm run soak:ledger\n${error.message}`, {
        cause: error
      })
    })
    if (path) return target
  }
  return steps
}
