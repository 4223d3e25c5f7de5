import type { LimitSettings } from '@caicaini/protocol'
import type { AccountLimits } from '@caicaini/protocol/api'
import { type Command, Option } from 'commander'
import type { Context } from '../../context.js'
import { table } from '../../lib/format.js'
import { grouped } from '../../lib/money-text.js'
import { parseLimitOption } from '../../lib/option-values.js'
import { neutraliseLine, toJsonLine } from '../../lib/sanitize.js'

type Typed = ReturnType<typeof parseLimitOption>

export interface Options {
  readonly rpm?: Typed
  readonly tpm?: Typed
  readonly streams?: Typed
  readonly accountRpm?: Typed
  readonly accountTpm?: Typed
  readonly accountStreams?: Typed
  readonly clear?: boolean
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  const limit = (flags: string, about: string) => new Option(flags, about).argParser(parseLimitOption)
  command
    .argument('<username>', 'whose account')
    .addOption(limit('--rpm <n>', 'requests a minute of each key: a number, none, or default'))
    .addOption(limit('--tpm <n>', 'input tokens a minute of each key'))
    .addOption(limit('--streams <n>', 'streams at once of each key'))
    .addOption(limit('--account-rpm <n>', 'requests a minute of all keys together'))
    .addOption(limit('--account-tpm <n>', 'input tokens a minute of all keys together'))
    .addOption(limit('--account-streams <n>', 'streams at once of all keys together'))
    .option('--clear', 'forget what was set before, then set what else is given')
    .option('--json', 'what is set and what holds, as JSON')
    .action((username: string, options: Options) => run(username, options, context()))
}

/** Without a flag that changes something it only shows what holds. */
export async function run(username: string, options: Options, context: Context): Promise<void> {
  const api = await context.api()
  const found = await api.userLimits(username)
  const before = options.clear ? {} : found.set
  const key = merge(before.key, { rpm: options.rpm, tpm: options.tpm, streams: options.streams })
  const account = merge(before.account, {
    rpm: options.accountRpm,
    tpm: options.accountTpm,
    streams: options.accountStreams
  })
  const { clear, json, ...changes } = options
  const isChange = clear || Object.keys(changes).length > 0
  const now = isChange ? await api.setUserLimits(username, { key, account }) : found
  context.io.out(json ? toJsonLine(now) : `${neutraliseLine(`${now.username}, tier ${now.tier}`)}\n\n${show(now)}`)
}

/** `default` takes a setting away; what was not typed stays. */
function merge(
  before: LimitSettings = {},
  typed: { rpm: Typed | undefined; tpm: Typed | undefined; streams: Typed | undefined }
): LimitSettings {
  const pick = (old: number | null | undefined, now: Typed | undefined) => {
    if (now === undefined) return old
    return now === 'default' ? undefined : now === 'none' ? null : now
  }
  return {
    requests_per_minute: pick(before.requests_per_minute, typed.rpm),
    input_tokens_per_minute: pick(before.input_tokens_per_minute, typed.tpm),
    concurrent_streams: pick(before.concurrent_streams, typed.streams)
  }
}

function show({ key, account, set }: AccountLimits): string {
  const rows = [
    ['requests a minute', 'requests_per_minute'],
    ['input tokens a minute', 'input_tokens_per_minute'],
    ['streams at once', 'concurrent_streams']
  ] as const
  const cell = (limit: number | null, own: number | null | undefined) =>
    `${limit === null ? 'none' : grouped(limit)}${own === undefined ? '' : ' *'}`
  return (
    table(
      [{ title: '' }, { title: 'EACH KEY' }, { title: 'ALL KEYS' }],
      rows.map(([label, name]) => [label, cell(key[name], set.key?.[name]), cell(account[name], set.account?.[name])])
    ) + (hasOwn(set) ? '\n* set for this account by hand\n' : '')
  )
}

function hasOwn(set: AccountLimits['set']): boolean {
  return Object.keys({ ...set.key, ...set.account }).length > 0
}
