/** @jsxImportSource hono/jsx */
import type { AppError } from '@caicaini/protocol'
import { ERRORS } from '@caicaini/protocol'
import type { Context } from 'hono'
import type { Child } from 'hono/jsx'
import type { PageEnv } from './env.js'
import { Layout } from './layout.js'

export interface Shown {
  readonly title: string
  readonly body: Child
  readonly scripts?: readonly string[]
}

/** A whole page as an answer. */
export function show(c: Context<PageEnv>, { title, body, scripts = [] }: Shown, status = 200): Response {
  const page = (
    <Layout title={title} username={c.var.session?.account.username} nonce={c.var.nonce} scripts={scripts}>
      {body}
    </Layout>
  )
  return c.html(`<!doctype html>${page}`, status as 200)
}

/** A page that says what went wrong, with the error's own status. */
export function showError(c: Context<PageEnv>, error: AppError): Response {
  const { status } = ERRORS[error.code]
  const { retryAfterS } = error.details
  if (retryAfterS !== undefined) c.header('retry-after', String(retryAfterS))
  const body = (
    <>
      <h1>{status === 404 ? 'There is no such page' : 'That did not work'}</h1>
      <p>{error.message}</p>
      <p>
        <a href="/">Go to the beginning</a>
      </p>
    </>
  )
  return show(c, { title: 'That did not work', body }, status)
}
