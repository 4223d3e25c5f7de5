/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'
import { assetUrl } from './assets/assets.js'

export interface LayoutProps {
  readonly title: string
  /** Who is signed in. */
  readonly username?: string | undefined
  readonly nonce: string
  /** Scripts that the page is better with; each works without. */
  readonly scripts?: readonly string[]
  readonly children?: Child
}

/** The frame of every page. */
export function Layout({ title, username, nonce, scripts = [], children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Caicaini Code`}</title>
        <link rel="stylesheet" href={assetUrl('style.css')} />
        {scripts.map((name) => (
          <script key={name} type="module" nonce={nonce} src={assetUrl(name)} />
        ))}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the page
        </a>
        <header class="top">
          <a class="brand" href="/">
            Caicaini Code
          </a>
          <nav aria-label="Account">
            {username === undefined ? (
              <>
                <a href="/login">Sign in</a>
                <a href="/register">Register</a>
              </>
            ) : (
              <>
                <a href="/account">{username}</a>
                <form method="post" action="/logout">
                  <button class="plain" type="submit">
                    Sign out
                  </button>
                </form>
              </>
            )}
          </nav>
        </header>
        <main id="main">{children}</main>
        <footer class="bottom">
          <a href="/terms">Terms</a>
          <a href="/privacy">Privacy</a>
        </footer>
      </body>
    </html>
  )
}
