import type { Page } from 'playwright-core'
import { afterEach, beforeEach, expect } from 'vitest'
import { browserTest, openPage, photograph } from '../src/testing/browser.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer
beforeEach(async () => {
  t = await createTestServer()
})
afterEach(() => t.close())

/** What the browser itself found wrong, such as what the page's policy forbids. */
function faultsOf(page: Page): string[] {
  const faults: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('status of 4')) faults.push(message.text())
  })
  page.on('pageerror', (error) => void faults.push(String(error)))
  return faults
}

async function fill(page: Page, username: string): Promise<void> {
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('E-mail').fill(`${username}@example.org`)
  await page.getByLabel('Password').fill('a compiler of my own')
  await page.getByLabel(/at least 13/).check()
  await page.getByLabel(/I accept the terms/).check()
}

browserTest('altcha: computed beside the typing, under the page’s own policy', async () => {
  const page = await openPage()
  const faults = faultsOf(page)
  await page.goto(`${t.url}/register`)
  const status = page.locator('.captcha').getByRole('status')
  expect(await status.textContent()).toContain('Your browser computes')
  await photograph(page, 'captcha-before')
  await page.getByLabel('Username').focus()
  await status.getByText('Computing').waitFor()
  expect(await page.getByRole('progressbar').isVisible()).toBe(true)
  await page.screenshot({ path: 'node_modules/.cache/caicaini-screens/captcha-computing.png', fullPage: true })
  await fill(page, 'grace')
  await status.getByText('Done').waitFor()
  await photograph(page, 'captcha-done')
  await page.getByRole('button', { name: 'Register' }).click()
  await page.waitForURL('**/account')
  expect(faults).toEqual([])
})

browserTest('altcha: a form that is sent before it is computed waits, and goes', async () => {
  const page = await openPage()
  await page.goto(`${t.url}/login`)
  // As a password manager does: no field is ever entered.
  await page.evaluate(`
    document.querySelector('#name').value = 'nobody'
    document.querySelector('#password').value = 'nothing much'
    document.querySelector('main form').requestSubmit()
  `)
  await page.getByRole('alert').waitFor()
  expect(await page.getByRole('alert').textContent()).toBe('The name or the password is wrong.')
  // The page that says so has a challenge of its own.
  await page.getByLabel('Password').fill('nothing much')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForLoadState()
  expect(await page.getByRole('alert').textContent()).toBe('The name or the password is wrong.')
})

browserTest('altcha: going back does not send an answer twice', async () => {
  const page = await openPage()
  await page.goto(`${t.url}/reset`)
  await page.getByLabel('Username or e-mail').fill('nobody')
  await page.getByRole('button', { name: 'Mail me a link' }).click()
  await page.waitForURL('**/reset/sent')
  await page.goBack()
  await page.getByLabel('Username or e-mail').fill('nobody else')
  await page.getByRole('button', { name: 'Mail me a link' }).click()
  await page.waitForURL('**/reset/sent')
})

browserTest('altcha: where the challenge cannot be had, the form says so and tries again', async () => {
  const page = await openPage()
  await page.route('**/api/captcha/**', (route) => route.fulfill({ status: 503, body: '' }), { times: 1 })
  await page.goto(`${t.url}/login`)
  await page.getByLabel('Username').fill('nobody')
  await page.locator('.captcha').getByText('did not work').waitFor()
  await photograph(page, 'captcha-failed')
  await page.getByLabel('Password').fill('nothing much')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').waitFor()
  expect(await page.getByRole('alert').textContent()).toBe('The name or the password is wrong.')
})

browserTest('altcha: without JavaScript the form says that it needs it', async () => {
  const page = await openPage({ javaScriptEnabled: false })
  await page.goto(`${t.url}/login`)
  expect(await page.locator('noscript').textContent()).toContain('This form needs JavaScript')
  await photograph(page, 'captcha-noscript')
})

browserTest('turnstile: the script of Cloudflare is let in, and its answer is sent', async () => {
  await t.close()
  const keys = { CAICAINI_TURNSTILE_SITE_KEY: 'site-key-1', CAICAINI_TURNSTILE_SECRET: 'secret-1' }
  const asked: string[] = []
  const ask = (async (_url: string, { body }: { body: string }) => {
    asked.push(JSON.parse(body).response)
    return Response.json({ success: true, hostname: '127.0.0.1', action: 'login' })
  }) as unknown as typeof fetch
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'turnstile', ...keys }, world: { fetch: ask } })
  const page = await openPage()
  const faults = faultsOf(page)
  // Cloudflare's script, played: it puts its field into the element that it is given.
  await page.route('https://challenges.cloudflare.com/**', (route) =>
    route.fulfill({
      contentType: 'text/javascript',
      body: `globalThis.turnstile = { render(box, { sitekey, action }) {
        const field = document.createElement('input')
        Object.assign(field, { type: 'hidden', name: 'cf-turnstile-response', value: sitekey + ' ' + action })
        box.append(field)
      } }
      globalThis[new URL(document.currentScript.src).searchParams.get('onload')]()`
    })
  )
  await page.goto(`${t.url}/login`)
  await page.locator('input[name=cf-turnstile-response]').waitFor({ state: 'attached' })
  await page.getByLabel('Username').fill('nobody')
  await page.getByLabel('Password').fill('nothing much')
  await page.getByRole('button', { name: 'Sign in' }).click()
  expect(await page.getByRole('alert').textContent()).toBe('The name or the password is wrong.')
  expect(asked).toEqual(['site-key-1 login'])
  expect(faults).toEqual([])
})
