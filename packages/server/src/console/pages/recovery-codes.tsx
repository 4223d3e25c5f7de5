/** @jsxImportSource hono/jsx */
import type { Context } from 'hono'
import type { PageEnv } from '../env.js'
import { show } from '../show.js'

/** Codes that were just made: this once. */
export function showCodes(c: Context<PageEnv>, codes: readonly string[], isFirst: boolean): Response {
  const body = (
    <>
      <h1>Recovery codes</h1>
      {isFirst ? (
        <p class="notice" role="status">
          The second factor is on: the password alone lets nobody in any more.
        </p>
      ) : null}
      <p>
        Each lets you in once, in place of the second factor, should you lose it. Print them, or write them down where
        nobody else looks. <strong>They are not shown again.</strong>
      </p>
      <ol class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <p>
        <a class="button" href="/account/security">
          I have them
        </a>
      </p>
      {isFirst ? (
        <p class="soft">
          Browsers that are signed in stay so. You can <a href="/account">sign the others out</a>.
        </p>
      ) : null}
    </>
  )
  return show(c, { title: 'Recovery codes', body })
}
