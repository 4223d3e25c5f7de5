import type { Identity } from '../identity/service.js'
import type { Keys } from '../keys/service.js'
import type { Ledger } from '../ledger/service.js'
import { type Cell, csvLine } from '../lib/csv.js'
import type { BrowserSessions } from '../sessions/service.js'
import type { ZipFile } from './zip.js'

export interface AccountFilesDeps {
  readonly identity: Pick<Identity, 'profile'>
  readonly keys: Pick<Keys, 'list'>
  readonly sessions: Pick<BrowserSessions, 'list'>
  readonly ledger: Pick<Ledger, 'exportAccount'>
  /** What the account did and what was done to it. */
  readonly events: (accountId: string) => Promise<readonly Record<string, Cell>[]>
  /** Conversations that are kept here, and their files. */
  readonly chats: (accountId: string) => Promise<readonly ZipFile[]>
}

const README = `Everything that your account has on this server.

profile    who you are here
sessions   browsers that are signed in
keys       your keys, without their text, which is stored nowhere
receipts   what each request used and cost
book       your credits, entry by entry; \`caicaini receipts verify book.jsonl\` checks it
audit      what you did, and what was done to your account
chats      your chats: chats.json with every message, chats.csv a list; images and documents by their SHA-256 in files/

Each is there as JSON (one object a line where the name ends in .jsonl) and as CSV.
Prompts and answers of calls that name no chat are not stored.
`

/** What an account's export is made of. */
export function accountFiles({ identity, keys, sessions, ledger, events, chats }: AccountFilesDeps) {
  return async (accountId: string): Promise<readonly ZipFile[]> => {
    const instant = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
    const person = await identity.profile(accountId)
    const profile = { ...person, createdAtMs: undefined, created_at: instant(person.createdAtMs) }
    const list = (await keys.list(accountId)).map((key) => ({
      id: key.id,
      name: key.name,
      scope: key.scope,
      hint: key.hint,
      status: key.status,
      created_at: instant(key.createdAtMs),
      last_used_at: instant(key.lastUsedAtMs),
      expires_at: instant(key.expiresAtMs)
    }))
    const browsers = (await sessions.list(accountId)).map(({ id, agent, address, createdAtMs, lastUsedAtMs }) => {
      return { id, agent, address, created_at: instant(createdAtMs), last_used_at: instant(lastUsedAtMs) }
    })
    return [
      { name: 'README.txt', text: [README] },
      ...tables('profile', [JSON.parse(JSON.stringify(profile)) as Record<string, Cell>]),
      ...tables('sessions', browsers),
      ...tables('keys', list),
      ...tables('audit', await events(accountId)),
      ...(await chats(accountId)),
      { name: 'book.jsonl', text: bookLines(ledger, accountId) },
      { name: 'receipts.jsonl', text: receiptLines(ledger, accountId, (receipt) => `${JSON.stringify(receipt)}\n`) },
      { name: 'receipts.csv', text: receiptCsv(ledger, accountId) }
    ]
  }
}

function tables(name: string, rows: readonly Record<string, Cell>[]): ZipFile[] {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = [csvLine(columns), ...rows.map((row) => csvLine(columns.map((column) => row[column] ?? null)))]
  return [
    { name: `${name}.json`, text: [`${JSON.stringify(rows, null, 2)}\n`] },
    { name: `${name}.csv`, text: rows.length > 0 ? lines : [] }
  ]
}

async function* bookLines(ledger: AccountFilesDeps['ledger'], accountId: string): AsyncGenerator<string> {
  for await (const line of ledger.exportAccount(accountId, 0)) yield `${JSON.stringify(line)}\n`
}

type ReceiptLine = Readonly<Record<string, unknown>>

async function* receiptLines(
  ledger: AccountFilesDeps['ledger'],
  accountId: string,
  toText: (receipt: ReceiptLine) => string
): AsyncGenerator<string> {
  for await (const line of ledger.exportAccount(accountId, 0)) {
    if (line.type === 'receipt') yield toText(line.receipt as unknown as ReceiptLine)
  }
}

const COLUMNS = [
  'request_id',
  'settled_at',
  'model',
  'model_used',
  'provider',
  'status',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'credits',
  'from_subscription',
  'from_topup'
]

async function* receiptCsv(ledger: AccountFilesDeps['ledger'], accountId: string): AsyncGenerator<string> {
  yield csvLine(COLUMNS)
  yield* receiptLines(ledger, accountId, (receipt) =>
    csvLine(COLUMNS.map((column) => (receipt[column] ?? null) as Cell))
  )
}
