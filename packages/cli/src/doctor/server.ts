import type { KeySelf } from '@caicaini/protocol/api'
import type { Context } from '../context.js'
import type { ApiClient } from '../lib/api-client.js'
import { CliError } from '../lib/cli-error.js'
import { creditsPhrase } from '../lib/money-text.js'
import { proxyOf } from '../lib/proxy.js'
import { type Finding, fine, wrong } from './check.js'

/** A clock that is further off makes signed things fail, and reports begin at odd hours. */
const SKEW_MAX_MS = 60_000
const LOOPBACK = /^(localhost|127\.|\[::1\])/

/** Whether the server can be reached, safely, and what its clock says. Only the first where it cannot. */
export async function checkNetwork(
  baseUrl: string,
  { api, env, clock }: Pick<Context, 'env' | 'clock'> & { api: Pick<ApiClient, 'reach'> }
): Promise<Finding[]> {
  const url = new URL(baseUrl)
  const proxy = proxyOf(url, env)
  const by = proxy ? ` by a proxy (${Object.keys(proxy).join(', ')})` : ''
  const startedAtMs = clock.nowMs()
  let headers: Readonly<Record<string, string>>
  try {
    headers = await api.reach()
  } catch (error) {
    return [wrong('network', (error as Error).message, mendOf(error, url))]
  }
  const endedAtMs = clock.nowMs()
  return [
    fine('network', `${url.origin} answers in ${endedAtMs - startedAtMs} ms${by}`),
    checkTls(url),
    checkClock(headers.date, { startedAtMs, endedAtMs })
  ]
}

function mendOf(error: unknown, url: URL): string {
  if (error instanceof CliError && /certificate/.test(error.message))
    return 'set NODE_EXTRA_CA_CERTS to a PEM file of the authority that signed it'
  if (error instanceof CliError && /not Caicaini's API/.test(error.message))
    return 'sign in to the network that you are in, or mend the address: caicaini config set base-url URL'
  if (LOOPBACK.test(url.hostname)) return 'start the server: caicaini serve'
  return 'check the network, HTTPS_PROXY, and the address: caicaini config get base-url'
}

function checkTls(url: URL): Finding {
  if (url.protocol === 'https:') return fine('TLS', 'the certificate is accepted')
  if (LOOPBACK.test(url.hostname)) return fine('TLS', 'none, and none needed on this machine')
  return wrong('TLS', 'none: keys and prompts can be read on the way', `use https://${url.host}, or a tunnel`)
}

function checkClock(
  date: string | undefined,
  { startedAtMs, endedAtMs }: { startedAtMs: number; endedAtMs: number }
): Finding {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return fine('clock', 'the server does not say what time it is')
  // The header has whole seconds.
  const skewMs = Math.max(theirs - endedAtMs, startedAtMs - theirs - 1000, 0)
  if (skewMs <= SKEW_MAX_MS) return fine('clock', "agrees with the server's")
  const seconds = Math.round(skewMs / 1000)
  return wrong('clock', `${seconds} s off the server's`, 'set the clock of this machine, such as by NTP')
}

/** Who one is there. */
export async function checkKey(context: Context): Promise<Finding[]> {
  const target = context.target()
  let self: KeySelf
  let api: ApiClient
  try {
    api = await context.api()
    self = await api.self()
  } catch (error) {
    const mend = context.keys().fromEnvironment ? 'mend CAICAINI_API_KEY, or take it away' : 'caicaini auth login'
    return [wrong('key', (error as Error).message.split('\n', 1)[0] ?? '', mend)]
  }
  const { key, account, notice } = self
  const whose = target.kind === 'local' ? 'owner of the data directory' : `"${key.name}", scope ${key.scope}`
  return [
    fine('key', whose),
    fine('plan', `${account.plan} of ${account.username}, tier ${account.tier}`),
    await checkBalance(api),
    ...(notice === null ? [] : [fine('notice', notice.replaceAll('\n', ' '))])
  ]
}

async function checkBalance(api: Pick<ApiClient, 'balance'>): Promise<Finding> {
  try {
    const { available } = await api.balance()
    const said = `${creditsPhrase(available, 2)} to spend`
    return available > 0 ? fine('credits', said) : wrong('credits', said, 'get some: see caicaini plans')
  } catch (error) {
    return wrong('credits', (error as Error).message, 'ask again later: caicaini balance')
  }
}
