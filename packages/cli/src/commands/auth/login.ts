import { EXIT } from '@caicaini/protocol'
import type { KeySelf } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { askForKey } from '../../lib/ask-for-key.js'
import { CliError, usageError } from '../../lib/cli-error.js'
import { parseBaseUrl } from '../../lib/config.js'
import { requireKey } from '../../lib/key-store.js'
import { neutralise, neutraliseLine } from '../../lib/sanitize.js'

export interface Options {
  readonly withToken?: boolean
  readonly browser?: boolean
  readonly baseUrl?: string
}

const SILENCE_MS = 3_000

export function define(command: Command, context: () => Context): void {
  command
    .option('--with-token', 'read a key from stdin instead')
    .option('--no-browser', 'do not open one; the address is shown anyway')
    .option('--base-url <url>', 'the server to sign in to; it becomes the one in use')
    .addHelpText('after', '\nExamples:\n  caicaini auth login\n  caicaini auth login --with-token < key.txt')
    .action((options: Options) => run(options, context()))
}

export async function run(options: Options, context: Context): Promise<void> {
  const { io } = context
  const keys = context.keys()
  if (context.globals.local) throw usageError('--local needs no sign-in: it acts as the owner of the data directory')
  if (keys.fromEnvironment) {
    throw usageError('CAICAINI_API_KEY is set and would win over a stored key: unset it first')
  }
  const config = context.config()
  const baseUrl =
    options.baseUrl === undefined ? config.get('base-url').value : parseBaseUrl(options.baseUrl, '--base-url')
  // Before anything is asked of anybody: a key that cannot be kept would be lost.
  const { place, fault } = keys.probe()
  if (fault) io.err(`The keychain cannot be used (${neutraliseLine(fault)}): the key will be kept in a file.\n`)
  const { key, replaced } = options.withToken
    ? { key: await readKey(context), replaced: null }
    : await askForKey(context, { baseUrl, browser: options.browser ?? true })
  const client = await context.connect({ kind: 'remote', baseUrl }, key)
  const self = await client.self()
  const kept = keys.save(baseUrl, key, place)
  if (options.baseUrl !== undefined && config.get('base-url').value !== baseUrl) await config.set('base-url', baseUrl)
  io.err(
    `Signed in to ${baseUrl} as ${describe(self)}.\nThe key is in ${keys.title(kept)}${kept === 'file' ? ' (readable by you alone)' : ''}.\n`
  )
  if (replaced !== null) io.err(`The key that was here before, "${neutraliseLine(replaced)}", was revoked.\n`)
  if (self.notice) io.err(`${neutralise(self.notice)}\n`)
  const used = config.get('base-url')
  if (used.value !== baseUrl) io.err(`CAICAINI_BASE_URL is ${used.value}: unset it to use ${baseUrl}.\n`)
}

async function readKey({ io, clock }: Context): Promise<string> {
  const onSilence = () => io.err('caicaini: waiting for the key on stdin; paste it, then Enter and Ctrl-D\n')
  const text = (await io.readStdin({ clock, silenceMs: SILENCE_MS, onSilence })).trim()
  if (!text) throw new CliError(EXIT.auth, 'no key on stdin')
  return requireKey(text, 'stdin')
}

function describe({ account, key }: KeySelf): string {
  return neutraliseLine(`${account.username} (plan ${account.plan}, key "${key.name}", scope ${key.scope})`)
}
