import { EXIT } from '@caicaini/protocol'
import type { SessionTokens } from '@caicaini/protocol/api'
import type { Context } from '../context.js'
import { foreign } from './api-call.js'
import type { ApiClient } from './api-client.js'
import { answerCaptcha } from './captcha-answer.js'
import { CliError, interrupted, usageError } from './cli-error.js'
import { openQuestions, type Questions } from './questions.js'
import { neutraliseLine } from './sanitize.js'

/** The owner of an account, signed in for as long as one command takes. */
export interface OwnerSession {
  readonly ask: Questions['ask']
  /** One request of that session. Where it needs a fresh proof of who asks, that is given first. */
  call<T>(method: 'GET' | 'POST', path: string, options: { body?: unknown; has: string | null }): Promise<T>
}

/** Wrong codes before it is given up; the server counts them too. */
const TRIES_MAX = 5
/** How long before its end an access token is exchanged. */
const MARGIN_MS = 60_000

/**
 * Signs in on the terminal by name and password, for what a key may not do: one that leaked must not change who may
 * come in. Nothing of the session is kept: it is ended on every way out, at Ctrl-C too.
 */
export async function asOwner(context: Context, work: (session: OwnerSession) => Promise<void>): Promise<void> {
  const { io } = context
  const target = context.target()
  if (target.kind === 'local')
    throw usageError(
      '--local acts as the owner of the data directory: there is no password that this would stand beside'
    )
  if (!io.stdinIsTty || !io.stderrIsTty)
    throw usageError(
      `needs a terminal, for it asks for your password; without one, do it in a browser: ${securityPage(target.baseUrl)}`
    )
  const stop = new AbortController()
  const unwatch = context.onSignal(['SIGINT', 'SIGTERM', 'SIGHUP'], () => stop.abort(interrupted()))
  const questions = openQuestions({ io, stop })
  try {
    const session = await signIn({ context, target, questions, signal: stop.signal })
    try {
      stop.signal.throwIfAborted()
      await work(session)
    } finally {
      await session.end()
    }
  } finally {
    questions.close()
    unwatch()
  }
}

interface SignIn {
  readonly context: Context
  readonly target: { readonly kind: 'remote'; readonly baseUrl: string }
  readonly questions: Questions
  readonly signal: AbortSignal
}

async function signIn({
  context,
  target,
  questions,
  signal
}: SignIn): Promise<OwnerSession & { end(): Promise<void> }> {
  const { io } = context
  const nobody = await context.connect(target, undefined)
  io.err(`Sign in to ${neutraliseLine(target.baseUrl)}\n`)
  const name = await questions.ask('Username or e-mail: ')
  const password = await questions.ask('Password (not shown): ', { hidden: true })
  io.err('Signing in …\n')
  const captcha = await answerCaptcha(nobody, signal)
  // None of these is dropped half-way: a session that began is one to end.
  const answer = await nobody
    .call<LoginAnswer>('POST', '/api/login', { body: { name, password, ...(captcha && { captcha }) }, has: null })
    .catch((error) => {
      if (captcha === undefined && isCaptchaAsked(error)) throw browserOnly(target.baseUrl)
      throw error
    })
  const ticket = answer?.second_factor
  const tokens = ticket === undefined ? answer : await sendSecond(nobody, { ticket, questions, io })
  if (typeof tokens?.access_token !== 'string') throw foreign(target.baseUrl)
  const isByPassword = ticket === undefined
  return openSession({ context, target, questions }, { tokens: tokens as SessionTokens, isByPassword, password })
}

type LoginAnswer = (Partial<SessionTokens> & { readonly second_factor?: string }) | undefined

function sendSecond(
  client: ApiClient,
  { ticket, questions, io }: { ticket: string; questions: Questions; io: Context['io'] }
): Promise<SessionTokens> {
  return askCode({ question: 'Code, or a recovery code: ', questions, io }, (text) =>
    client.call('POST', '/api/login/second', { body: { ticket, ...proofOf(text) }, has: 'access_token' })
  )
}

/** Asks for a code until `send` takes it; a wrong one may be mended. */
export async function askCode<T>(
  { question, questions, io }: { question: string; questions: Pick<Questions, 'ask'>; io: Context['io'] },
  send: (code: string) => Promise<T>
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const code = (await questions.ask(question)).trim()
    try {
      return await send(code)
    } catch (error) {
      if (!(error instanceof CliError) || error.code !== 'wrong_code' || tries === TRIES_MAX) throw error
      io.err(`${neutraliseLine(error.message)}\n`)
    }
  }
}

/** Apps show six digits, often in two groups; recovery codes look otherwise. */
function proofOf(text: string): { code: string } | { recovery_code: string } {
  const digits = text.replace(/\s/g, '')
  return /^\d{6}$/.test(digits) ? { code: digits } : { recovery_code: text }
}

interface Entered {
  readonly tokens: SessionTokens
  /** Without a second factor: the password proves it anew, too. */
  readonly isByPassword: boolean
  readonly password: string
}

async function openSession(
  { context, target, questions }: Omit<SignIn, 'signal'>,
  { tokens, isByPassword, password }: Entered
): Promise<OwnerSession & { end(): Promise<void> }> {
  const { io, clock } = context
  let current = tokens
  let client = await context.connect(target, current.access_token)
  let endsAtMs = clock.nowMs() + current.expires_in * 1000

  /** Whoever searches for the phone for a quarter of an hour is still signed in. */
  async function fresh(): Promise<ApiClient> {
    if (clock.nowMs() < endsAtMs - MARGIN_MS) return client
    const body = { refresh_token: current.refresh_token }
    current = await client.call<SessionTokens>('POST', '/api/refresh', { body, has: 'access_token' })
    client = await context.connect(target, current.access_token)
    endsAtMs = clock.nowMs() + current.expires_in * 1000
    return client
  }

  async function prove(): Promise<void> {
    const send = async (body: object) => (await fresh()).call('POST', '/api/step-up', { body, has: null })
    if (isByPassword) await send({ password })
    else await askCode({ question: 'Code, or a recovery code: ', questions, io }, (text) => send(proofOf(text)))
  }

  return {
    ask: questions.ask,
    async call(method, path, options) {
      try {
        return await (await fresh()).call(method, path, options)
      } catch (error) {
        if (!(error instanceof CliError) || error.code !== 'step_up') throw error
        await prove()
        return (await fresh()).call(method, path, options)
      }
    },
    async end() {
      try {
        await (await fresh()).call('POST', '/api/logout', { has: null })
      } catch {
        io.err('The sign-in could not be ended: look under "Signed in" in your account, or let it run out.\n')
      }
    }
  }
}

/** Where it is done with a browser. */
export function securityPage(baseUrl: string): string {
  return `${baseUrl.replace(/\/$/, '')}/account/security`
}

function isCaptchaAsked(error: unknown): boolean {
  return error instanceof CliError && error.code === 'invalid_request' && error.message.startsWith('captcha:')
}

function browserOnly(baseUrl: string): CliError {
  return new CliError(
    EXIT.other,
    `this server asks for a captcha that only a browser can show: do it at ${securityPage(baseUrl)}`
  )
}
