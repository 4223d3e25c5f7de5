/** @jsxImportSource hono/jsx */

import { AppError, creditsFromJson, ERRORS, formatCredits } from '@caicaini/protocol'
import { CreateKey, EditKey } from '@caicaini/protocol/api'
import type { z } from '@hono/zod-openapi'
import { type Context, Hono } from 'hono'
import type { Key, KeyUse } from '../../keys/key.js'
import { placeText } from '../../places/place.js'
import { Facts, Notice } from '../components.js'
import type { PageDeps } from '../deps.js'
import type { PageEnv } from '../env.js'
import { readForm } from '../form.js'
import { show } from '../show.js'
import { sessionOf, signedIn } from '../signed-in.js'
import { EditForm, NewForm, OneButton, RotateForm } from './key-forms.js'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const OLD_DAYS = 90

type Form = Awaited<ReturnType<typeof readForm>>

/** The account's keys: each thing that the command does, by forms alone. */
export function keyPages({ keys, stepUp, clock }: PageDeps): Hono<PageEnv> {
  /** Rights are given only to who has proven themselves within the last minutes. */
  async function askAgain(c: Context<PageEnv>, back: string): Promise<Response | undefined> {
    if (await stepUp.isProven(sessionOf(c))) return undefined
    return c.redirect(`/step-up?next=${encodeURIComponent(back)}`, 303)
  }

  async function listPage(c: Context<PageEnv>, problem?: AppError): Promise<Response> {
    const session = sessionOf(c)
    const { id } = session.account
    const [all, uses] = await Promise.all([keys.list(id), keys.uses(id)])
    const mayChange = await stepUp.isProven(session)
    const body = (
      <>
        <h1>Keys</h1>
        <KeyTable keys={all} uses={uses} nowMs={clock.nowMs()} />
        {mayChange ? <NewForm problem={problem} /> : <ProveFirst back="/account/keys" />}
      </>
    )
    return show(c, { title: 'Keys', body }, problem ? ERRORS[problem.code].status : 200)
  }

  async function keyPage(c: Context<PageEnv>, keyId: string, problem?: AppError): Promise<Response> {
    const session = sessionOf(c)
    const key = await keys.get(session.account.id, keyId)
    const use = (await keys.uses(session.account.id)).get(keyId)
    const isOver = key.status === 'revoked' || key.status === 'expired'
    const mayChange = await stepUp.isProven(session)
    const body = (
      <>
        <h1>{key.name}</h1>
        <section class="panel">
          <KeyFacts nowMs={clock.nowMs()} {...{ key_: key, use }} />
        </section>
        {isOver || mayChange ? null : <ProveFirst back={`/account/keys/${key.id}`} />}
        {!isOver && mayChange ? (
          <>
            <EditForm of={key} problem={problem} />
            <RotateForm of={key} />
            {key.status === 'disabled' ? (
              <OneButton of={key} act="enable" label="Enable again" />
            ) : (
              <OneButton of={key} act="disable" label="Disable for now" />
            )}
          </>
        ) : null}
        {key.status === 'revoked' ? null : <OneButton of={key} act="revoke" label="Revoke for good" isForGood />}
        <p>
          <a href="/account/keys">All keys</a>
        </p>
      </>
    )
    return show(c, { title: key.name, body }, problem ? ERRORS[problem.code].status : 200)
  }

  const acts: Readonly<Record<string, (accountId: string, keyId: string) => Promise<Key>>> = {
    enable: (accountId, id) => keys.edit(accountId, id, { disabled: false }, accountId),
    disable: (accountId, id) => keys.edit(accountId, id, { disabled: true }, accountId),
    revoke: (accountId, id) => keys.revoke(accountId, id, accountId)
  }

  return new Hono<PageEnv>()
    .get('/account/keys', signedIn, (c) => listPage(c))
    .post('/account/keys', signedIn, async (c) => {
      const asked = await readForm(c)
      const { id } = sessionOf(c).account
      const make = async () => showText(c, await keys.create(id, newKeyOf(asked, clock.nowMs()), id))
      return (await askAgain(c, '/account/keys')) ?? attempt(make, (problem) => listPage(c, problem))
    })
    .get('/account/keys/:id', signedIn, (c) => keyPage(c, c.req.param('id')))
    .post('/account/keys/:id/edit', signedIn, async (c) => {
      const asked = await readForm(c)
      const keyId = c.req.param('id')
      const { id } = sessionOf(c).account
      const change = async () => {
        await keys.edit(id, keyId, editOf(asked, clock.nowMs()), id)
        return c.redirect(`/account/keys/${keyId}`, 303)
      }
      return (await askAgain(c, `/account/keys/${keyId}`)) ?? attempt(change, (problem) => keyPage(c, keyId, problem))
    })
    .post('/account/keys/:id/rotate', signedIn, async (c) => {
      const hours = Number((await readForm(c))('overlap_h'))
      const keyId = c.req.param('id')
      const again = await askAgain(c, `/account/keys/${keyId}`)
      if (again) return again
      if (!Number.isInteger(hours) || hours < 0 || hours > 720)
        throw new AppError('invalid_request', 'overlap_h: must be whole hours, 0 to 720')
      const { id } = sessionOf(c).account
      return showText(c, await keys.upkeep.rotate(id, keyId, { overlapMs: hours * HOUR_MS, by: id }))
    })
    .post('/account/keys/:id/:act{enable|disable|revoke}', signedIn, async (c) => {
      const { id: keyId, act } = c.req.param()
      // Taking rights away needs no proof: it may be urgent.
      const again = act === 'enable' ? await askAgain(c, `/account/keys/${keyId}`) : undefined
      if (again) return again
      await acts[act]?.(sessionOf(c).account.id, keyId)
      return c.redirect('/account/keys', 303)
    })
}

function showText(c: Context<PageEnv>, { key, text }: { key: Key; text: string }): Response {
  const body = (
    <>
      <h1>{key.name}</h1>
      <Notice>This is the key. It is shown this once: keep it safe.</Notice>
      <p class="code key-text">{text}</p>
      {key.formerUntilMs === null ? null : <p>The one before is good until {minute(key.formerUntilMs)}.</p>}
      <p>
        <a href="/account/keys">All keys</a>
      </p>
    </>
  )
  return show(c, { title: key.name, body })
}

/** What a form asks for, done; a refusal of it stands above the form again. */
async function attempt(work: () => Promise<Response>, otherwise: (problem: AppError) => Promise<Response>) {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'not_found') throw error
    return otherwise(error)
  }
}

/** The same rules as on the API. */
function parsed<T extends z.ZodType>(schema: T, fields: object): z.output<T> {
  const result = schema.safeParse(fields)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new AppError('invalid_request', `${issue?.path.join('.')}: ${issue?.message}`)
}

function newKeyOf(asked: Form, nowMs: number) {
  const fields = { name: asked('name'), scope: asked('scope'), quota: Number(asked('quota') || '0') }
  const period = { quota_period: asked('quota_period') || 'life', expires_at: endOf(asked('expires'), nowMs) }
  const { name, scope, quota, quota_period, expires_at } = parsed(CreateKey, { ...fields, ...period })
  const expiresAtMs = expires_at === null ? null : Date.parse(expires_at)
  return { name, scope, quota: creditsFromJson(quota), quotaPeriod: quota_period, expiresAtMs }
}

function editOf(asked: Form, nowMs: number) {
  const ends = asked('expires')
  const { name, quota, quota_period, expires_at } = parsed(EditKey, {
    name: asked('name'),
    quota: Number(asked('quota') || '0'),
    quota_period: asked('quota_period'),
    ...(ends !== 'keep' && { expires_at: endOf(ends, nowMs) })
  })
  return {
    ...(name !== undefined && { name }),
    ...(quota !== undefined && { quota: creditsFromJson(quota) }),
    ...(quota_period !== undefined && { quotaPeriod: quota_period }),
    ...(expires_at !== undefined && { expiresAtMs: expires_at === null ? null : Date.parse(expires_at) })
  }
}

/** Days from now as a form has them; none is never. */
function endOf(days: string, nowMs: number): string | null {
  if (days === '' || days === 'never') return null
  if (!/^\d{1,4}$/.test(days)) throw new AppError('invalid_request', 'expires: must be a number of days, or never')
  return new Date(nowMs + Number(days) * DAY_MS).toISOString()
}

function ageDays({ rotatedAtMs, createdAtMs }: Key, nowMs: number): number {
  return Math.floor((nowMs - (rotatedAtMs ?? createdAtMs)) / DAY_MS)
}

function minute(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function ProveFirst({ back }: { readonly back: string }) {
  return (
    <p>
      To make or change keys, <a href={`/step-up?next=${encodeURIComponent(back)}`}>prove once more that it is you</a>.
    </p>
  )
}

interface TableProps {
  readonly keys: readonly Key[]
  readonly uses: ReadonlyMap<string, KeyUse>
  readonly nowMs: number
}

function KeyTable({ keys, uses, nowMs }: TableProps) {
  if (keys.length === 0) return <p>No keys yet.</p>
  return (
    <table class="stack wide">
      <thead>
        <tr>
          <th>Name</th>
          <th>Key</th>
          <th>Scope</th>
          <th>Status</th>
          <th>Age</th>
          <th>Last used</th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr key={key.id}>
            <td>
              <a href={`/account/keys/${key.id}`}>{key.name}</a>
            </td>
            <td>{key.hint}</td>
            <td>{key.scope}</td>
            <td>{key.status}</td>
            <td>
              {ageDays(key, nowMs)} days{ageDays(key, nowMs) > OLD_DAYS && key.status === 'active' ? ': rotate it' : ''}
            </td>
            <td>{lastUse(key, uses.get(key.id))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function lastUse({ lastUsedAtMs }: Key, use: KeyUse | undefined): string {
  if (lastUsedAtMs === null) return 'never'
  return [minute(lastUsedAtMs), placeText(use?.address ?? null), use?.client ?? ''].filter(Boolean).join(', ')
}

function KeyFacts({
  key_: key,
  use,
  nowMs
}: {
  readonly key_: Key
  readonly use: KeyUse | undefined
  readonly nowMs: number
}) {
  const period = key.quotaPeriod === 'life' ? '' : ` a ${key.quotaPeriod}`
  const used = formatCredits(key.quotaUsed)
  return (
    <Facts
      rows={[
        ['Key', key.hint],
        ['Scope', key.scope],
        ['Status', key.status],
        [
          'Used',
          key.quota === 0n ? `${used} credits, no limit` : `${used} of ${formatCredits(key.quota)} credits${period}`
        ],
        ['Age', `${ageDays(key, nowMs)} days`],
        ['Ends', key.expiresAtMs === null ? 'not by itself' : minute(key.expiresAtMs)],
        ...(key.formerUntilMs === null
          ? []
          : ([['The text before is good until', minute(key.formerUntilMs)]] as const)),
        ['Last used', lastUse(key, use)],
        ['Id', key.id]
      ]}
    />
  )
}
