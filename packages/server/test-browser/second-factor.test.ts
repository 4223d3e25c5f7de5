import { TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, expect } from 'vitest'
import { browserTest, openPage, photograph } from '../src/testing/browser.js'
import { PASSWORD, person } from '../src/testing/people.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer
beforeEach(async () => {
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' } })
  await person(t).register()
})
afterEach(() => t.close())

const at = (page: Page) => new URL(page.url()).pathname

async function signIn(page: Page): Promise<void> {
  await page.goto(`${t.url}/login`)
  await page.getByLabel('Username or e-mail').fill('grace')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

browserTest(
  'without JavaScript: an app is set up, asked for, stood in for by a recovery code, and turned off',
  async () => {
    const page = await openPage({ javaScriptEnabled: false })
    await signIn(page)
    await page.getByRole('link', { name: /Authenticator app/ }).click()
    expect(at(page)).toBe('/account/security')
    await photograph(page, 'security-off')
    await page.getByRole('button', { name: 'Set one up' }).click()
    expect(at(page)).toBe('/account/security/app')
    expect(await page.getByAltText('QR code of the secret below').isVisible()).toBe(true)
    expect(await page.evaluate('document.querySelector(".qr").naturalWidth')).toBeGreaterThan(100)
    const secret = ((await page.locator('.secret').textContent()) ?? '').replaceAll(' ', '').trim()
    const app = new TOTP({ secret })
    const code = () => app.generate({ timestamp: t.clock.nowMs() })
    await page.getByLabel('Code', { exact: true }).fill('000000')
    await page.getByRole('button', { name: 'Turn it on' }).click()
    expect(await page.getByRole('alert').textContent()).toContain('not the one of this secret')
    await photograph(page, 'app-set-up')
    await page.getByLabel('Code', { exact: true }).fill(code())
    await page.getByRole('button', { name: 'Turn it on' }).click()
    const codes = await page.locator('.codes li').allTextContents()
    expect(codes).toHaveLength(10)
    await photograph(page, 'recovery-codes')
    await page.getByRole('link', { name: 'I have them' }).click()
    await photograph(page, 'security-on')

    await page.getByRole('button', { name: 'Sign out' }).first().click()
    await signIn(page)
    expect(at(page)).toBe('/login/second')
    expect(page.url()).not.toContain('ticket')
    // What the password gave alone opens no page.
    await page.goto(`${t.url}/account`)
    expect(at(page)).toBe('/login')
    await page.goto(`${t.url}/login/second`)
    await page.getByLabel('Code', { exact: true }).fill('000000')
    await page.getByRole('button', { name: 'Sign in' }).first().click()
    expect(await page.getByRole('alert').textContent()).toContain('code is wrong')
    await photograph(page, 'second-factor')
    t.clock.advance({ seconds: 30 })
    await page.getByLabel('Code', { exact: true }).fill(code())
    await page.getByRole('button', { name: 'Sign in' }).first().click()
    expect(at(page)).toBe('/account')

    await page.getByRole('button', { name: 'Sign out' }).first().click()
    await signIn(page)
    await page.getByText('Use a recovery code').click()
    await page.getByLabel('Recovery code').fill(codes[0]?.toLowerCase() ?? '')
    await page.getByRole('button', { name: 'Sign in' }).last().click()
    expect(at(page)).toBe('/account')

    t.clock.advance({ minutes: 11 })
    await page.goto(`${t.url}/account/security`)
    expect(await page.getByText('9 are left.').isVisible()).toBe(true)
    await page.getByRole('button', { name: 'Turn it off' }).click()
    expect(at(page)).toBe('/step-up')
    await photograph(page, 'step-up-code')
    await page.getByLabel('Code', { exact: true }).fill(code())
    await page.getByRole('button', { name: 'Go on' }).first().click()
    expect(at(page)).toBe('/account/security')
    await page.getByRole('button', { name: 'Turn it off' }).click()
    expect(await page.getByText(/^Off:/).isVisible()).toBe(true)
  }
)

browserTest('a page that needs a fresh proof asks for the password, and goes on from there', async () => {
  const page = await openPage({ javaScriptEnabled: false })
  await signIn(page)
  t.clock.advance({ minutes: 11 })
  await page.goto(`${t.url}/account/security/passkeys/new`)
  expect(at(page)).toBe('/step-up')
  await photograph(page, 'step-up-password')
  await page.getByLabel('Password').fill('wrong')
  await page.getByRole('button', { name: 'Go on' }).click()
  expect(await page.getByRole('alert').textContent()).toBe('The password is wrong.')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Go on' }).click()
  expect(at(page)).toBe('/account/security/passkeys/new')
  // By its bare address browsers have no passkeys, and the page says so.
  expect(await page.getByText('CAICAINI_PUBLIC_URL').isVisible()).toBe(true)
})
