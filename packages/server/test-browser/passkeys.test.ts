import { createServer } from 'node:net'
import type { CDPSession, Page } from 'playwright-core'
import { afterEach, beforeEach, expect } from 'vitest'
import { browserTest, openPage, photograph } from '../src/testing/browser.js'
import { PASSWORD, person } from '../src/testing/people.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer
/** Browsers have passkeys for a name alone: the server is reached as localhost. */
let site: string

beforeEach(async () => {
  const port = await freePort()
  site = `http://localhost:${port}`
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off', CAICAINI_PUBLIC_URL: site } })
  await t.server.listen({ host: 'localhost', port })
  await person(t).register()
})
afterEach(() => t.close())

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

const at = (page: Page) => new URL(page.url()).pathname

/** A browser with an authenticator inside, as a laptop with a fingerprint reader has one. */
async function openWithAuthenticator(): Promise<{ page: Page; cdp: CDPSession; authenticatorId: string }> {
  const page = await openPage()
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true
    }
  })
  return { page, cdp, authenticatorId }
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`${site}/login`)
  await page.getByLabel('Username or e-mail').fill('grace')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

async function addPasskey(page: Page): Promise<void> {
  await page.goto(`${site}/account/security`)
  await page.getByRole('link', { name: 'Add a passkey' }).click()
  await page.getByLabel('Name').fill('laptop')
  await photograph(page, 'passkey-add')
  await page.getByRole('button', { name: 'Add it' }).click()
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor()
  await page.getByRole('link', { name: 'I have them' }).click()
}

async function signOut(page: Page): Promise<void> {
  await page.goto(`${site}/account`)
  await page.getByRole('button', { name: 'Sign out' }).first().click()
  await page.waitForURL('**/login')
}

browserTest('a passkey is added, lets in alone, stands beside the password, and is taken away', async () => {
  const { page } = await openWithAuthenticator()
  await signIn(page)
  await addPasskey(page)
  await page.getByText('Change').click()
  await photograph(page, 'security-passkeys')

  await signOut(page)
  await photograph(page, 'login-passkey')
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.waitForURL('**/account')
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('grace')

  await signOut(page)
  await signIn(page)
  expect(at(page)).toBe('/login/second')
  await photograph(page, 'second-factor-passkey')
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.waitForURL('**/account')

  t.clock.advance({ minutes: 11 })
  await page.goto(`${site}/account/security/passkeys/new`)
  expect(at(page)).toBe('/step-up')
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.waitForURL('**/passkeys/new')
  await page.getByLabel('Name').fill('again')
  await page.getByRole('button', { name: 'Add it' }).click()
  expect(await page.getByRole('alert').textContent()).toContain('has a passkey of this account already')

  await page.goto(`${site}/account/security`)
  await page.getByText('Change').click()
  await page.getByLabel('Name').fill('old laptop')
  await page.getByRole('button', { name: 'Rename' }).click()
  expect(await page.getByRole('cell', { name: 'old laptop', exact: true }).isVisible()).toBe(true)
  await page.getByText('Change').click()
  await page.getByRole('button', { name: 'Remove' }).click()
  expect(await page.getByText(/^Off:/).isVisible()).toBe(true)
})

browserTest('a browser without WebAuthn’s own JSON is served too', async () => {
  const { page } = await openWithAuthenticator()
  await page.addInitScript(`
    delete PublicKeyCredential.parseCreationOptionsFromJSON
    delete PublicKeyCredential.parseRequestOptionsFromJSON
    delete PublicKeyCredential.prototype.toJSON
  `)
  await signIn(page)
  await addPasskey(page)
  await signOut(page)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.waitForURL('**/account')
})

browserTest('who does not prove to be the owner, or has no passkey here, is told so', async () => {
  const { page, cdp, authenticatorId } = await openWithAuthenticator()
  await signIn(page)
  await addPasskey(page)
  await signOut(page)
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByRole('alert').waitFor()
  expect(await page.getByRole('alert').textContent()).toContain('cancelled')
  expect(at(page)).toBe('/login')
})

browserTest('a page that stood open beyond the ten minutes leads to the proof, and back', async () => {
  const { page } = await openWithAuthenticator()
  await signIn(page)
  await page.goto(`${site}/account/security/passkeys/new`)
  t.clock.advance({ minutes: 11 })
  await page.getByLabel('Name').fill('laptop')
  await page.getByRole('button', { name: 'Add it' }).click()
  await page.waitForURL('**/step-up?*')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.waitForURL('**/passkeys/new')
})
