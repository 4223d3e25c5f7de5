/** @jsxImportSource hono/jsx */
import { AppError, ERRORS } from '@caicaini/protocol'
import type { Context } from 'hono'
import type { Child } from 'hono/jsx'
import { Notice } from '../components.js'
import type { PageEnv } from '../env.js'
import { show } from '../show.js'

/** A page that says what was done, and where to go from there. */
export function tell(
  c: Context<PageEnv>,
  told: { title: string; text: string; next: readonly [string, string] }
): Response {
  const [href, label] = told.next
  const body = (
    <>
      <h1>{told.title}</h1>
      <Notice>{told.text}</Notice>
      <p>
        <a class="button" href={href}>
          {label}
        </a>
      </p>
    </>
  )
  return show(c, { title: told.title, body })
}

/** Does what a form asks for; what is refused is shown in the form again, with the refusal's status. */
export async function orAgain(
  c: Context<PageEnv>,
  work: () => Promise<Response>,
  page: (problem: AppError) => { title: string; body: Child; scripts?: readonly string[] }
): Promise<Response> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { retryAfterS } = error.details
    if (retryAfterS !== undefined) c.header('retry-after', String(retryAfterS))
    return show(c, page(error), ERRORS[error.code].status)
  }
}

/** A mailed link that is good for nothing, and where there is another. */
export function overPage(problem: AppError, next: readonly [string, string]): { title: string; body: Child } {
  const [href, label] = next
  return {
    title: 'This link is over',
    body: (
      <>
        <h1>This link is over</h1>
        <p>{afterColon(problem.message)}.</p>
        <p>
          <a href={href}>{label}</a>
        </p>
      </>
    )
  }
}

/** `token: this link is over: it was …` as a sentence under a heading that says so. */
function afterColon(message: string): string {
  const rest = message.split(': ').at(-1) ?? message
  return rest.charAt(0).toUpperCase() + rest.slice(1)
}
