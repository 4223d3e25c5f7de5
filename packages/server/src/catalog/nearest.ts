const NEAREST_MAX = 3
const ASKED_LENGTH_MAX = 64

/** At most three of `names` that a typing error could have turned into `asked`, nearest first. */
export function nearestNames(asked: string, names: readonly string[]): string[] {
  // A long name costs as much as it has characters, and is like none of ours.
  if (asked.length > ASKED_LENGTH_MAX) return []
  const lower = asked.toLowerCase()
  const distanceMax = Math.max(2, Math.floor(asked.length * 0.4))
  return names
    .map((name) => ({ name, distance: editDistance(lower, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= distanceMax)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, NEAREST_MAX)
    .map(({ name }) => name)
}

/** Levenshtein's distance: how many characters to insert, delete or replace. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
