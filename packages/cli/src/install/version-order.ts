/** Versions as releases have them: `1.2.3`, `1.2.3-rc.1`. */
export const VERSION_PATTERN = /^\d{1,6}\.\d{1,6}\.\d{1,6}(-[0-9A-Za-z]+(\.[0-9A-Za-z]+)*)?$/

/** Below 0 where `a` comes before `b` (semver.org, 11). Both must fit the pattern. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [partsOf(a), partsOf(b)]
  for (let i = 0; i < 3; i++) {
    const difference = Number(x.numbers[i]) - Number(y.numbers[i])
    if (difference !== 0) return difference
  }
  if (x.tags.length === 0 || y.tags.length === 0) return y.tags.length - x.tags.length
  for (let i = 0; i < Math.max(x.tags.length, y.tags.length); i++) {
    const difference = compareTags(x.tags[i], y.tags[i])
    if (difference !== 0) return difference
  }
  return 0
}

function partsOf(version: string): { numbers: string[]; tags: string[] } {
  const at = version.indexOf('-')
  const [core, tag] = at < 0 ? [version, ''] : [version.slice(0, at), version.slice(at + 1)]
  return { numbers: core.split('.'), tags: tag === '' ? [] : tag.split('.') }
}

function compareTags(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (isNumberA && isNumberB) return Number(a) - Number(b)
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}
