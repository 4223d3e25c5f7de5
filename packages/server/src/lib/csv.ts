/** A value of a table's cell. */
export type Cell = string | number | bigint | boolean | null

/** A row as RFC 4180 has it, but for a plain line end; a text that a spreadsheet would run as a formula is one no more. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cell).join(',')}\n`
}

function cell(value: Cell): string {
  if (typeof value !== 'string') return value === null ? '' : String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
