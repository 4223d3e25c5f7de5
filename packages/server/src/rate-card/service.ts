import { canonicalJson, type RateLine } from '@caicaini/protocol'
import type { Catalog } from '../catalog/catalog.js'
import type { Clock } from '../lib/clock.js'
import { ConfigError } from '../lib/config-error.js'
import type { Db, NewRow, Tx } from '../storage/tables.js'
import { insertRate, readRates } from './store.js'

export interface PublishedRate {
  /** `<model>@<from>`: what a receipt names. */
  readonly version: string
  readonly model: string
  readonly firstSeenMs: number
  /** The entry as it stood in the catalog file. */
  readonly rate: Readonly<Record<string, unknown>>
}

export type RateCard = ReturnType<typeof createRateCard>

export interface Publishing {
  readonly clock: Clock
  readonly file: Catalog
  readonly name: string
}

/**
 * Publishes every rate of the file, for good: what a receipt names can be looked up at any later
 * time. Throws `ConfigError`, and writes nothing, where a version has other numbers than it was published with.
 */
export async function publishRates(tx: Tx, { clock, file, name }: Publishing): Promise<void> {
  const published = new Map((await readRates(tx)).map(({ version, body }) => [version, body]))
  const fresh: NewRow<'rate_card'>[] = []
  const faults: string[] = []
  for (const [i, model] of file.models.entries()) {
    for (const [j, rate] of model.rates.entries()) {
      const version = `${model.id}@${rate.from}`
      const body = canonicalJson(rate)
      const known = published.get(version)
      if (known === undefined) fresh.push({ version, model: model.id, body, first_seen_ms: BigInt(clock.nowMs()) })
      else if (known !== body) faults.push(`${name}: models[${i}].rates[${j}]: ${whatDiffers(version, known)}`)
    }
  }
  if (faults.length > 0) throw new ConfigError(faults.join('\n'))
  for (const row of fresh) await insertRate(tx, row)
}

/** Every rate ever published. */
export function createRateCard({ db }: { db: Db }) {
  return {
    /** The same as lines of an exported book. */
    async lines(): Promise<RateLine[]> {
      const rows = await readRates(db)
      return rows.map(({ version, body }) => ({ type: 'rate', version, rate: JSON.parse(body) }))
    },

    /** Every version ever published, or those that are asked for. */
    async list(versions?: readonly string[]): Promise<PublishedRate[]> {
      const rows = await readRates(db)
      return rows
        .filter(({ version }) => versions === undefined || versions.includes(version))
        .map(({ version, model, body, first_seen_ms }) => ({
          version,
          model,
          firstSeenMs: Number(first_seen_ms),
          rate: JSON.parse(body)
        }))
    }
  }
}

function whatDiffers(version: string, published: string): string {
  return `${version} was published as ${published}, and receipts name it: leave it as it was, and append a new entry with a later day`
}
