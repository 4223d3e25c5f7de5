import { EXIT } from '@caicaini/protocol'
import type { KeySelf } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { CliError, usageError } from '../../lib/cli-error.js'
import { parseBaseUrl } from '../../lib/config.js'
import { requireKey } from '../../lib/key-store.js'
import { neutraliseLine } from '../../lib/sanitize.js'

export interface Options {
  readonly withToken?: boolean
  readonly baseUrl?: string
}

const SILENCE_MS = 3_000

export function define(command: Command, context: () => Context): void {
  command
    .option('--with-token', 'read the key from stdin')
    .option('--base-url <url>', 'the server to sign in to; it becomes the one in use')
    .addHelpText('after', '\nExample:\n  caicaini auth login --with-token < key.txt')
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
  if (!options.withToken) throw usageError(howToSignIn(baseUrl))
  const key = await readKey(context)
  const client = await context.connect({ kind: 'remote', baseUrl }, key)
  const self = await client.self()
  keys.save(baseUrl, key)
  if (options.baseUrl !== undefined && config.get('base-url').value !== baseUrl) await config.set('base-url', baseUrl)
  io.err(`Signed in to ${baseUrl} as ${describe(self)}.\nThe key is in ${keys.path} (readable by you alone).\n`)
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

function howToSignIn(baseUrl: string): string {
  return [
    'signing in by browser is not there yet: pipe a key into `caicaini auth login --with-token`.',
    `Whoever runs ${baseUrl} makes one with \`caicaini --local keys create --name NAME\` on its data directory.`
  ].join('\n')
}
