import { chargeOf, creditsFromJson, type Receipt, sumOfParts } from '@caicaini/protocol'
import stringWidth from 'string-width'
import { decimals, grouped, showCredits } from '../../lib/money-text.js'
import { neutralise } from '../../lib/sanitize.js'
import { isTokens, partLabel, partPrice } from './part-text.js'

/** What a terminal is taken to be wide where stdout is none. */
const COLUMNS = 80
/** Quantity × rate is 10⁻¹² credits; a share in per cent of it, 10⁻¹⁴. */
const SUM_PLACES = 12
const SHARE_PLACES = 14

/** A line of the sum: its amount stands at the right, the points of all of them below each other. */
interface Line {
  readonly label: string
  readonly amount: string
}

/**
 * The receipt's sum line by line, computed here from its parts alone, and whether it comes to what was
 * charged, to the micro-credit.
 */
export function explain(receipt: Receipt, columns = COLUMNS): { text: string; agrees: boolean } {
  const recomputed = chargeOf(receipt.parts, receipt.discount)
  const told = creditsFromJson(receipt.credits) + creditsFromJson(receipt.uncollected)
  const agrees = recomputed === told
  const parts = receipt.parts.map((part) => ({
    label: `${partLabel(part)}  ${grouped(part.quantity)} × ${partPrice(part)}${isTokens(part) ? '/M' : ''}`,
    amount: decimals(sumOfParts([part]), SUM_PLACES)
  }))
  const sums = [...totals(receipt, recomputed), ...origins(receipt)]
  const text = [
    heading(receipt, columns),
    layOut(parts, sums, columns),
    wrap('Amounts in credits; /M is for a million tokens.', columns) + wrap(verdict(receipt, recomputed), columns)
  ]
  return { text: text.map(neutralise).join('\n'), agrees }
}

/** Ids and versions are never broken: whoever looks one up copies it whole. */
function heading({ request_id, rate_version, status }: Receipt, columns: number): string {
  const rows = [
    ['request    ', request_id],
    ['rate card  ', rate_version],
    ['status     ', status]
  ] as const
  return rows
    .map(([label, value]) => (label.length + value.length <= columns ? label + value : `${label.trimEnd()}\n${value}`))
    .map((line) => `${line}\n`)
    .join('')
}

function totals({ parts, discount }: Receipt, recomputed: bigint): Line[] {
  const sum = sumOfParts(parts)
  const left = sum * BigInt(100 - discount)
  const roundedUp = recomputed * 10n ** BigInt(SHARE_PLACES - 6) - left
  return [
    { label: 'sum', amount: decimals(sum, SUM_PLACES) },
    ...(discount > 0
      ? [{ label: `${discount} % off`, amount: `−${decimals(sum * BigInt(discount), SHARE_PLACES)}` }]
      : []),
    ...(roundedUp > 0n ? [{ label: 'rounded up by', amount: decimals(roundedUp, SHARE_PLACES) }] : []),
    { label: 'charge', amount: decimals(recomputed, 6) }
  ]
}

function origins({ from_subscription, from_topup, uncollected }: Receipt): Line[] {
  return [
    { label: 'from the subscription', amount: showCredits(from_subscription) },
    { label: 'from top-ups and grants', amount: showCredits(from_topup) },
    { label: 'uncollected', amount: showCredits(uncollected) }
  ]
}

function verdict({ credits, uncollected }: Receipt, recomputed: bigint): string {
  const told = creditsFromJson(credits) + creditsFromJson(uncollected)
  const both = `the receipt's ${showCredits(credits)} credits + ${showCredits(uncollected)} uncollected`
  if (told === recomputed) return `Recomputed: equals ${both}, to the micro-credit.`
  const apart = decimals(told > recomputed ? told - recomputed : recomputed - told, 6)
  return `Recomputed: ${decimals(recomputed, 6)} credits, but not ${both}: ${apart} apart.`
}

/** Amounts padded behind, so that aligned at the right end their points are below each other. */
function alignPoints(lines: readonly Line[]): Line[] {
  const behind = (amount: string) => (amount.includes('.') ? amount.length - amount.indexOf('.') : 0)
  const most = Math.max(...lines.map(({ amount }) => behind(amount)))
  return lines.map(({ label, amount }) => ({ label, amount: amount + ' '.repeat(most - behind(amount)) }))
}

/** Amounts aligned at the right end; where a line is too long for the terminal, its label stands above. */
function layOut(unevenParts: readonly Line[], unevenSums: readonly Line[], columns: number): string {
  const all = alignPoints([...unevenParts, ...unevenSums])
  const parts = all.slice(0, unevenParts.length)
  const sums = all.slice(unevenParts.length)
  const widthOf = (lines: readonly Line[], pick: (line: Line) => string) =>
    Math.max(0, ...lines.map((line) => stringWidth(pick(line))))
  const amounts = widthOf(all, ({ amount }) => amount)
  const width = Math.min(widthOf(all, ({ label }) => label) + 2 + amounts, columns)
  const rule = `${' '.repeat(Math.max(0, width - amounts))}${'─'.repeat(amounts)}\n`
  const show = (lines: readonly Line[]) => lines.map((line) => showLine(line, width)).join('')
  return `${show(parts)}${parts.length > 0 ? rule : ''}${show(sums)}`
}

function showLine({ label, amount }: Line, width: number): string {
  const line = (text: string) => `${text.trimEnd()}\n`
  const space = width - stringWidth(label) - stringWidth(amount)
  if (space >= 2) return line(`${label}${' '.repeat(space)}${amount}`)
  return line(label) + line(`${' '.repeat(Math.max(0, width - stringWidth(amount)))}${amount}`)
}

function wrap(text: string, columns: number): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && stringWidth(last) + 1 + stringWidth(word) <= columns)
      lines[lines.length - 1] += ` ${word}`
    else lines.push(word)
  }
  return `${lines.join('\n')}\n`
}
