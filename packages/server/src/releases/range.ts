export type Range = { readonly from: number; readonly to: number }

/**
 * What a `range` header asks of `size` bytes: both ends included. Undefined where all is to be sent: none asked for, or
 * in a form that servers may ignore (several ranges; RFC 9110, 14.2). Null where it lies outside.
 */
export function parseRange(header: string | undefined, size: number): Range | undefined | null {
  const asked = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  const [first = '', last = ''] = asked?.slice(1) ?? []
  if (!asked || (first === '' && last === '')) return undefined
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (first !== '' && last !== '' && Number(last) < from) return undefined
  return from < size && from <= to ? { from, to } : null
}
