import type { Page } from 'playwright-core'
import { afterEach, beforeEach, expect } from 'vitest'
import { browserTest, openPage, photograph } from '../src/testing/browser.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

const PASSWORD = 'a compiler of my own'

let t: TestServer
beforeEach(async () => {
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' } })
})
afterEach(() => t.close())

async function register(page: Page): Promise<void> {
  await page.goto(`${t.url}/register`)
  await page.getByLabel('Username').fill('grace')
  await page.getByLabel('E-mail').fill('grace@example.org')
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByLabel(/at least 13/).check()
  await page.getByLabel(/I accept the terms/).check()
  await page.getByRole('button', { name: 'Register' }).click()
  expect(new URL(page.url()).pathname).toBe('/account')
}
const linkOf = async (subject: string, to?: string) =>
  (await t.letters.next(subject, { ...(to !== undefined && { to }) })).link ?? ''
const heading = (page: Page) => page.getByRole('heading', { level: 1 }).textContent()
const pathOf = (page: Page) => new URL(page.url()).pathname

/** A mail's HTML as a mail program shows it. */
async function photographMail(subject: string, name: string): Promise<void> {
  const page = await openPage({ javaScriptEnabled: false })
  await page.setContent((await t.letters.next(subject)).html)
  await photograph(page, name)
  await page.close()
}

browserTest('without JavaScript: confirm the address', async () => {
  const page = await openPage({ javaScriptEnabled: false })
  await register(page)
  expect(await page.getByRole('main').textContent()).toContain('not confirmed yet')
  await photograph(page, 'account-unconfirmed')
  await page.getByRole('button', { name: 'Mail the confirmation again' }).click()
  expect(await heading(page)).toBe('Look into your mail')
  await photograph(page, 'mailed')
  const first = await linkOf('confirm your e-mail')
  await page.goto(first)
  expect(await heading(page)).toBe('This link is over')
  await photograph(page, 'link-over')
  const { link } = await t.letters.next('confirm your e-mail', { count: 2 })
  await page.goto(link ?? '')
  await photograph(page, 'verify')
  await page.goto(link ?? '')
  await page.getByRole('button', { name: 'Confirm it' }).click()
  expect(await heading(page)).toBe('Your address is confirmed')
  await page.getByRole('link', { name: 'To your account' }).click()
  expect(await page.getByRole('main').textContent()).not.toContain('not confirmed yet')
  await photographMail('confirm your e-mail', 'mail-verify')
})

browserTest('without JavaScript: a forgotten password', async () => {
  const page = await openPage({ javaScriptEnabled: false })
  await register(page)
  const elsewhere = await openPage({ javaScriptEnabled: false })
  await elsewhere.goto(`${t.url}/login`)
  await elsewhere.getByRole('link', { name: 'Forgotten password' }).click()
  await photograph(elsewhere, 'reset')
  await elsewhere.getByLabel('Username or e-mail').fill('GRACE@example.org')
  await elsewhere.getByRole('button', { name: 'Mail me a link' }).click()
  expect(await heading(elsewhere)).toBe('Look into your mail')
  await photograph(elsewhere, 'reset-sent')
  await elsewhere.goto(await linkOf('choose a new password'))
  await photograph(elsewhere, 'reset-choose')
  await elsewhere.getByLabel('New password').fill('password1')
  await elsewhere.getByRole('button', { name: 'Set the password' }).click()
  expect(await elsewhere.getByRole('alert').textContent()).toContain('best known')
  expect(await elsewhere.getByRole('main').textContent()).toContain('For the account grace')
  await photograph(elsewhere, 'reset-refused')
  await elsewhere.getByLabel('New password').fill('another thing of mine')
  await elsewhere.getByRole('button', { name: 'Set the password' }).click()
  expect(await heading(elsewhere)).toBe('Your password is set')
  await photograph(elsewhere, 'reset-done')
  // The browser that was signed in is out.
  await page.goto(`${t.url}/account`)
  expect(pathOf(page)).toBe('/login')
  await elsewhere.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
  await elsewhere.getByLabel('Username or e-mail').fill('grace')
  await elsewhere.getByLabel('Password').fill('another thing of mine')
  await elsewhere.getByRole('button', { name: 'Sign in' }).click()
  expect(pathOf(elsewhere)).toBe('/account')
  await photographMail('choose a new password', 'mail-reset')
})

browserTest('without JavaScript: another address, and back', async () => {
  const page = await openPage({ javaScriptEnabled: false })
  await register(page)
  await page.goto(await linkOf('confirm your e-mail'))
  await page.getByRole('button', { name: 'Confirm it' }).click()
  await page.goto(`${t.url}/account`)
  await page.getByRole('link', { name: 'Change the e-mail' }).click()
  await page.getByLabel('New e-mail').fill('grace@example')
  await photograph(page, 'email')
  await page.getByRole('button', { name: 'Mail me the link' }).click()
  expect(await page.getByRole('alert').textContent()).toContain('must be an address')
  await photograph(page, 'email-refused')
  await page.getByLabel('New e-mail').fill('hopper@example.org')
  await page.getByRole('button', { name: 'Mail me the link' }).click()
  expect(await heading(page)).toBe('Look into your mail')

  const mailProgram = await openPage({ javaScriptEnabled: false })
  await mailProgram.goto(await linkOf('confirm your new e-mail', 'hopper@example.org'))
  expect(await mailProgram.getByRole('main').textContent()).toContain('hopper@example.org will be the address')
  await photograph(mailProgram, 'email-confirm')
  await mailProgram.getByRole('button', { name: 'Confirm it' }).click()
  expect(await heading(mailProgram)).toBe('Your new address holds')
  await page.goto(`${t.url}/account`)
  expect(await page.getByRole('main').textContent()).toContain('hopper@example.org')

  await mailProgram.goto(await linkOf('your e-mail address was changed', 'grace@example.org'))
  await photograph(mailProgram, 'email-undo')
  await mailProgram.getByRole('button', { name: 'Put it back' }).click()
  expect(await heading(mailProgram)).toBe('Your address is back')
  await photograph(mailProgram, 'email-undone')
  await page.goto(`${t.url}/account`)
  expect(pathOf(page)).toBe('/login')
  await photographMail('your e-mail address was changed', 'mail-email-changed')
})

browserTest(
  'without JavaScript: another password, another username; a stale session is asked for a proof',
  async () => {
    const page = await openPage({ javaScriptEnabled: false })
    await register(page)
    await page.getByRole('link', { name: 'Change the password' }).click()
    await page.getByLabel('Present password').fill('wrong')
    await page.getByLabel('New password').fill('another thing of mine')
    await page.getByRole('button', { name: 'Set the password' }).click()
    expect(await page.getByRole('alert').textContent()).toBe('current: this is not the present password')
    await photograph(page, 'password-refused')
    await page.getByLabel('Present password').fill(PASSWORD)
    await page.getByLabel('New password').fill('another thing of mine')
    await page.getByRole('button', { name: 'Set the password' }).click()
    expect(pathOf(page)).toBe('/account')
    await page.getByRole('link', { name: 'Change the username' }).click()
    await page.getByLabel('Username').fill('hopper')
    await photograph(page, 'username')
    await page.getByRole('button', { name: 'Rename the account' }).click()
    expect(await heading(page)).toBe('hopper')
    t.clock.advance({ minutes: 11 })
    await page.getByRole('link', { name: 'Change the e-mail' }).click()
    const { pathname, searchParams } = new URL(page.url())
    expect([pathname, searchParams.get('next')]).toEqual(['/step-up', '/account/email'])
  }
)

browserTest('a mailed link tells nobody where one came from', async () => {
  const page = await openPage()
  await register(page)
  const link = await linkOf('confirm your e-mail')
  const referers: (string | undefined)[] = []
  page.on('request', (request) => void referers.push(request.headers().referer))
  await page.goto(link)
  await page.getByRole('link', { name: 'Terms' }).click()
  expect(referers.length).toBeGreaterThan(1)
  expect(referers.filter(Boolean)).toEqual([])
})
