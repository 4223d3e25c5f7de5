/*
 * Counters, gauges and histograms in the text format that Prometheus reads (version 0.0.4). prom-client
 * does the same in 60 ms of loading, which every short `--local` command would wait for.
 */

export type Labels = Readonly<Record<string, string>>

export interface Counter {
  add(labels: Labels, by?: number): void
}

export interface Gauge {
  /** Takes the place of all that was set before: what is not there any more is not told. */
  set(values: readonly { readonly labels: Labels; readonly value: number }[]): void
}

export interface Histogram {
  observe(labels: Labels, value: number): void
}

interface Sample {
  /** What stands behind the family's name: `_bucket`, `_sum`, `_count` or nothing. */
  readonly suffix?: string
  readonly labels: Labels
  readonly value: number
}

interface Named {
  readonly name: string
  readonly help: string
}

export type Registry = ReturnType<typeof createRegistry>

/** The instruments of one server: no global ones, for tests and embedded servers run side by side. */
export function createRegistry() {
  const families: (Named & { readonly type: string; samples(): Sample[] })[] = []

  return {
    counter({ name, help }: Named): Counter {
      const series = new Map<string, { labels: Labels; value: number }>()
      families.push({ name, help, type: 'counter', samples: () => [...series.values()] })
      return {
        add(labels, by = 1) {
          const one = entryOf(series, labels, () => ({ labels, value: 0 }))
          one.value += by
        }
      }
    },

    gauge({ name, help }: Named): Gauge {
      let current: readonly Sample[] = []
      families.push({ name, help, type: 'gauge', samples: () => [...current] })
      return {
        set(values) {
          current = values
        }
      }
    },

    /** `bounds` are the upper ends of its buckets, ascending; one without an end is added. */
    histogram({ name, help, bounds }: Named & { readonly bounds: readonly number[] }): Histogram {
      const series = new Map<string, Distribution>()
      const samples = () => [...series.values()].flatMap((one) => samplesOf(one, bounds))
      families.push({ name, help, type: 'histogram', samples })
      return {
        observe(labels, value) {
          const one = entryOf(series, labels, () => ({ labels, counts: bounds.map(() => 0), sum: 0, count: 0 }))
          const at = bounds.findIndex((bound) => value <= bound)
          if (at >= 0) one.counts[at] = (one.counts[at] ?? 0) + 1
          one.sum += value
          one.count++
        }
      }
    },

    text: () => families.map(familyText).join('')
  }
}

interface Distribution {
  readonly labels: Labels
  /** How many fell into each bucket alone. */
  readonly counts: number[]
  sum: number
  count: number
}

function samplesOf({ labels, counts, sum, count }: Distribution, bounds: readonly number[]): Sample[] {
  let below = 0
  const buckets = bounds.map((bound, i): Sample => {
    below += counts[i] ?? 0
    return { suffix: '_bucket', labels: { ...labels, le: String(bound) }, value: below }
  })
  return [
    ...buckets,
    { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: count },
    { suffix: '_sum', labels, value: sum },
    { suffix: '_count', labels, value: count }
  ]
}

function entryOf<V>(series: Map<string, V>, labels: Labels, make: () => V): V {
  const key = labelText(labels)
  const known = series.get(key)
  if (known) return known
  const made = make()
  series.set(key, made)
  return made
}

function familyText({ name, help, type, samples }: Named & { type: string; samples(): Sample[] }): string {
  const lines = samples().map(({ suffix = '', labels, value }) => `${name}${suffix}${labelText(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
