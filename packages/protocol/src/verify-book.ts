import { CHAIN_START, detailHash, entryHash, receiptDetailHash } from './chain.js'
import { chargeOf } from './charge.js'
import type { AccountLine, EntryLine, ExportLine } from './ledger-export.js'
import { creditsFromJson } from './money.js'
import { type PartRates, parseRateVersion, type RateCardEntry, ratesOfVersion } from './rate-card.js'
import type { Receipt } from './receipt.js'

/** What a check of an exported book found. */
export interface BookReport {
  readonly account: string | null
  readonly entries: number
  readonly receipts: number
  /** Micro-credits: Σ of the charges. */
  readonly charged: bigint
  /** Hash of the last entry. */
  readonly head: string
  /** The first entry's number: what came before it is vouched for by its `prev_hash` alone. */
  readonly first: number
  readonly differences: readonly string[]
}

/** A charge whose lines are being read. */
interface Charge {
  readonly lines: EntryLine[]
  receipt: Receipt | undefined
}

/**
 * Checks an exported book line by line, with nothing but the file: each entry's hash and place, each
 * receipt against its entries, and each charge against the published rates.
 */
export function createBookVerifier() {
  const differences: string[] = []
  const rates = new Map<string, RateCardEntry>()
  let account: AccountLine | undefined
  let previous: { seq: number; hash: string } | undefined
  let charge: Charge | undefined
  const counts = { entries: 0, receipts: 0, charged: 0n, first: 1 }
  const differ = (text: string) => void differences.push(text)

  function readEntry(entry: EntryLine): void {
    const at = `entry ${entry.account_seq}`
    if (charge && (entry.kind !== 'spend' || entry.reference !== charge.lines[0]?.reference)) endCharge()
    if (previous === undefined) {
      counts.first = entry.account_seq
      const isFirst = entry.account_seq === 1
      if (!isFirst && account?.since === null) differ(`${at} comes first, but the export says that it is whole`)
      previous = { seq: entry.account_seq - 1, hash: isFirst ? CHAIN_START : entry.prev_hash }
    }
    if (entry.account_seq !== previous.seq + 1) differ(`${at} follows entry ${previous.seq}`)
    if (entry.prev_hash !== previous.hash) differ(`${at} names another entry before it than the one there`)
    if (hashOf(entry, account?.account_id ?? '') !== entry.hash) differ(`${at} is not what its hash was made of`)
    if (entry.kind !== 'spend' && detailHash(entry.detail) !== entry.detail_hash)
      differ(`${at}: its detail is not what its hash was made of`)
    if (entry.kind === 'spend') {
      charge ??= { lines: [], receipt: undefined }
      charge.lines.push(entry)
    }
    counts.entries++
    previous = { seq: entry.account_seq, hash: entry.hash }
  }

  function endCharge(): void {
    if (!charge) return
    const { lines, receipt } = charge
    const requestId = lines[0]?.reference ?? ''
    charge = undefined
    if (!receipt) {
      differ(`${requestId}: its receipt is not in the file`)
      return
    }
    counts.receipts++
    counts.charged += creditsFromJson(receipt.credits)
    for (const fault of checkCharge(receipt, lines, rates)) differ(`${requestId}: ${fault}`)
  }

  function readLine(line: ExportLine): void {
    if (account === undefined && line.type !== 'account') differ('the file does not begin with whose book it is')
    switch (line.type) {
      case 'account':
        account = line
        return
      case 'rate':
        rates.set(line.version, line.rate as RateCardEntry)
        return
      case 'entry':
        readEntry(line)
        return
      case 'receipt':
        if (charge && line.receipt.request_id === charge.lines[0]?.reference) charge.receipt = line.receipt
        else differ(`${line.receipt.request_id}: a receipt without its entry before it`)
    }
  }

  /** Whoever altered the file may have left anything: what cannot even be read is a difference, no fault of ours. */
  function attempt(what: string, work: () => void): void {
    try {
      work()
    } catch {
      differ(`${what} is not as an export has it`)
    }
  }

  return {
    read(line: ExportLine): void {
      attempt(`the ${line.type} after entry ${previous?.seq ?? 0}`, () => readLine(line))
    },

    end(): BookReport {
      attempt('the last charge', endCharge)
      const head = previous?.hash ?? CHAIN_START
      if (account && previous && account.head !== head) differ('the last entry is not the head that the export names')
      if (account && !previous && account.since === null && account.entries > 0)
        differ('the entries are not in the file')
      return { account: account?.account_id ?? null, ...counts, head, differences }
    }
  }
}

function hashOf(entry: EntryLine, accountId: string): string {
  return entryHash({
    accountId,
    accountSeq: BigInt(entry.account_seq),
    kind: entry.kind,
    grantId: entry.grant_id,
    reference: entry.reference,
    amount: creditsFromJson(entry.credits),
    createdAtMs: entry.created_at_ms,
    detailHash: entry.detail_hash,
    prevHash: entry.prev_hash
  })
}

function* checkCharge(
  receipt: Receipt,
  lines: readonly EntryLine[],
  rates: ReadonlyMap<string, RateCardEntry>
): Generator<string> {
  const hash = receiptDetailHash(receipt)
  if (lines.some((line) => line.detail_hash !== hash)) yield 'the receipt is not what its entries were made of'
  const spent = -lines.reduce((sum, { credits }) => sum + creditsFromJson(credits), 0n)
  if (spent !== creditsFromJson(receipt.credits)) yield 'the receipt shows another sum than its entries'
  if (lines.at(-1)?.hash !== receipt.ledger_head) yield 'the receipt names another ledger head than its last entry'
  yield* checkReceipt(receipt)
  yield* checkRates(receipt, rates)
}

/** What is wrong in a receipt by its own fields alone. */
export function* checkReceipt(receipt: Receipt): Generator<string> {
  const { parts, discount, credits, uncollected, from_subscription, from_topup } = receipt
  const charged = creditsFromJson(credits) + creditsFromJson(uncollected)
  const sum = chargeOf(parts, discount)
  if (sum !== charged) yield `its parts sum to ${Number(sum) / 1e6} credits, charged were ${Number(charged) / 1e6}`
  if (creditsFromJson(from_subscription) + creditsFromJson(from_topup) !== creditsFromJson(credits))
    yield 'what it was taken from does not sum to what was charged'
}

function* checkRates({ rate_version, parts }: Receipt, rates: ReadonlyMap<string, RateCardEntry>): Generator<string> {
  const named = parseRateVersion(rate_version)
  const entry = named && rates.get(`${named.model}@${named.from}`)
  const published: PartRates | undefined = entry && ratesOfVersion(entry, rate_version)
  if (!published) return yield `the rates of ${rate_version} are not in the file`
  for (const { kind, rate } of parts) {
    if (published[kind] !== rate)
      yield `${kind} at ${rate} micro-credits per million; ${rate_version} was published with ${published[kind] ?? 'none'}`
  }
}
