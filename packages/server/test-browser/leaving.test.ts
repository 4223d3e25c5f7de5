import { afterEach, beforeEach, expect } from 'vitest'
import { browserTest, openPage, photograph } from '../src/testing/browser.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer
beforeEach(async () => {
  t = await createTestServer({
    env: {
      CAICAINI_CAPTCHA: 'off',
      CAICAINI_OPERATOR: 'Example Ltd.',
      CAICAINI_JURISDICTION: 'Ireland',
      CAICAINI_CONTACT: 'hello@example.org',
      CAICAINI_PROCESSORS: 'Anthropic, US: answers requests; Moonshot AI, CN: answers requests to Kimi'
    }
  })
})
afterEach(() => t.close())

browserTest('without JavaScript: read the terms, ask about data, take it along, close the account', async () => {
  const page = await openPage({ javaScriptEnabled: false })
  await page.goto(`${t.url}/terms`)
  expect(await page.getByRole('main').textContent()).toContain('Example Ltd.')
  await photograph(page, 'terms')
  await page.goto(`${t.url}/privacy`)
  expect(await page.getByRole('main').textContent()).toContain('Moonshot AI, CN')
  await photograph(page, 'privacy')
  await page.getByRole('link', { name: 'ask here' }).click()
  await page.getByLabel('What do you ask for?').selectOption('child')
  await page.getByLabel('Where we answer').fill('parent@example.org')
  await photograph(page, 'data-request')
  await page.getByRole('button', { name: 'Send' }).click()
  expect(await page.getByRole('status').textContent()).toContain('You have an answer by')

  await page.goto(`${t.url}/register`)
  await page.getByLabel('Username').fill('grace')
  await page.getByLabel('E-mail').fill('grace@example.org')
  await page.getByLabel('Password').fill('a compiler of my own')
  await page.getByLabel(/at least 13/).check()
  await page.getByLabel(/I accept the terms/).check()
  await page.getByRole('button', { name: 'Register' }).click()
  await photograph(page, 'account')
  await page.getByRole('link', { name: 'Take your data along' }).click()
  await page.getByRole('button', { name: 'Make it' }).click()
  while ((await page.getByRole('link', { name: 'Download' }).count()) === 0) await page.reload()
  await photograph(page, 'export')

  await page.goto(`${t.url}/account/close`)
  await page.getByLabel(/Type your username/).fill('linus')
  await page.getByLabel(/cannot be undone/).check()
  await page.getByRole('button', { name: 'Close my account' }).click()
  expect(await page.getByRole('alert').textContent()).toContain('type your own username')
  await photograph(page, 'close')
  await page.getByLabel(/Type your username/).fill('grace')
  await page.getByLabel(/cannot be undone/).check()
  await page.getByRole('button', { name: 'Close my account' }).click()
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Your account is closed')
  await page.goto(`${t.url}/account`)
  expect(new URL(page.url()).pathname).toBe('/login')
})
