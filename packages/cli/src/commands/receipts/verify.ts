import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import {
  type BookReport,
  checkReceipt,
  createBookVerifier,
  EXIT,
  formatCredits,
  parseReceipt
} from '@caicaini/protocol'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { CliError, usageError } from '../../lib/cli-error.js'
import { counted, creditsPhrase } from '../../lib/money-text.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

export interface Options {
  readonly head?: string
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .argument('<file>', 'what `caicaini receipts export` wrote, or one receipt as JSON; - is stdin')
    .option('--head <hash>', "a ledger_head that you kept: it must be one of the book's")
    .option('--json', 'the report as JSON')
    .action((file: string, options: Options) => run(file, options, context()))
}

/** Checks a book or a receipt with nothing but the file: no network, no key. Exit 1 when anything differs. */
export async function run(file: string, { head, json }: Options, context: Context): Promise<void> {
  const { io } = context
  const verifier = createBookVerifier()
  const hashes = new Set<string>()
  const strange: string[] = []
  let lines = 0
  let first: unknown
  for await (const value of readLines(file, context)) {
    first ??= value
    lines++
    if (!isExportLine(value)) {
      if (first === value) break
      strange.push(`line ${lines}, blank ones aside, is none of a book`)
      continue
    }
    if (value.type === 'entry') hashes.add(value.hash)
    verifier.read(value as Parameters<typeof verifier.read>[0])
  }
  if (lines === 0) throw usageError(`${file} is empty`)
  const receipt = isExportLine(first) ? undefined : parseReceipt(first)
  if (receipt) return verifyOne(receipt, io, json)
  if (!isExportLine(first))
    throw usageError(`${file} is neither a book nor a receipt: see caicaini receipts export --help`)
  const report = verifier.end()
  const differences = [...report.differences, ...strange]
  if (head !== undefined && !hashes.has(head))
    differences.push(`no entry has the hash ${head}: the book is another one`)
  if (json)
    io.out(toJsonLine({ ok: differences.length === 0, ...report, charged: Number(report.charged) / 1e6, differences }))
  else io.out(describe(report, differences, head))
  if (differences.length > 0)
    throw new CliError(EXIT.other, `the book has ${counted(differences.length, 'difference')}`)
}

function describe(
  { account, entries, receipts, charged, first, head }: BookReport,
  differences: string[],
  kept?: string
) {
  const found = `${counted(entries, 'entry', 'entries')}, ${counted(receipts, 'receipt')}, ${formatCredits(charged)} credits charged`
  if (differences.length > 0) return `${found}\n${differences.map((each) => `✗ ${neutraliseLine(each)}\n`).join('')}`
  return [
    `${neutraliseLine(String(account))}: ${found}`,
    first === 1 ? '✓ the chain is whole from the first entry' : `✓ the chain is whole from entry ${first} on`,
    '✓ each receipt is what its entries were made of',
    '✓ each charge is the sum of its parts at the published rates',
    ...(kept === undefined ? [] : [`✓ ${kept} is one of its entries`]),
    `head ${neutraliseLine(head)}`,
    ''
  ].join('\n')
}

function verifyOne(receipt: NonNullable<ReturnType<typeof parseReceipt>>, io: Context['io'], json?: boolean): void {
  const isBilled = receipt.status === 'complete' || receipt.status === 'aborted'
  const differences = isBilled || receipt.credits > 0 ? faultsOf(receipt) : []
  if (json) io.out(toJsonLine({ ok: differences.length === 0, request_id: receipt.request_id, differences }))
  else if (differences.length === 0) {
    const { request_id, credits } = receipt
    io.out(`${neutraliseLine(request_id)}: ✓ its parts come to the ${creditsPhrase(credits)} charged\n`)
    io.err(io.dim('The chain and the published rates are checked with a book: caicaini receipts export\n'))
  } else io.out(differences.map((each) => `✗ ${neutraliseLine(each)}\n`).join(''))
  if (differences.length > 0) throw new CliError(EXIT.other, 'the receipt does not add up')
}

function faultsOf(receipt: Parameters<typeof checkReceipt>[0]): string[] {
  try {
    return [...checkReceipt(receipt)]
  } catch {
    return ['its figures are none']
  }
}

async function* readLines(file: string, { io }: Context): AsyncGenerator<unknown> {
  const input = file === '-' ? io.streams.stdin : createReadStream(file)
  let number = 0
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++
      if (line.trim() === '') continue
      yield JSON.parse(line)
    }
  } catch (error) {
    if (error instanceof SyntaxError) throw usageError(`${file}: line ${number} is not JSON`)
    if (error instanceof Error && 'code' in error) throw usageError(`${file}: cannot be read: ${error.message}`)
    throw error
  }
}

function isExportLine(value: unknown): value is { type: string; hash: string } {
  const types = ['account', 'rate', 'entry', 'receipt']
  return typeof value === 'object' && value !== null && 'type' in value && types.includes(String(value.type))
}
