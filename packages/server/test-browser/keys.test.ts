import { afterEach, beforeEach, expect } from 'vitest'
import { browserTest, openPage, photograph } from '../src/testing/browser.js'
import { createTestServer, type TestServer } from '../src/testing/server.js'

let t: TestServer
beforeEach(async () => {
  t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' } })
})
afterEach(() => t.close())

const status = async (key: string) => (await fetch(`${t.url}/api/keys/self`, { headers: { 'x-api-key': key } })).status

browserTest('without JavaScript: a key is made, changed, rotated, disabled, enabled and revoked', async () => {
  const page = await openPage({ javaScriptEnabled: false })
  await page.goto(`${t.url}/register?next=/account/keys`)
  await page.getByLabel('Username').fill('grace')
  await page.getByLabel('E-mail').fill('grace@example.org')
  await page.getByLabel('Password').fill('a compiler of my own')
  await page.getByLabel(/at least 13/).check()
  await page.getByLabel(/I accept the terms/).check()
  await page.getByRole('button', { name: 'Register' }).click()
  await page.goto(`${t.url}/account/keys`)
  const text = async () => (await page.locator('.key-text').textContent()) ?? ''

  await page.getByLabel('Name').fill('laptop')
  await page.getByLabel('Quota in credits').fill('twelve')
  await page.getByRole('button', { name: 'Make the key' }).click()
  expect(await page.getByRole('alert').textContent()).toContain('quota: ')
  await page.getByLabel('Name').fill('laptop')
  await page.getByLabel('Quota in credits').fill('12.5')
  await page.getByRole('button', { name: 'Make the key' }).click()
  const first = await text()
  expect(await status(first)).toBe(200)
  await page.getByRole('link', { name: 'All keys' }).click()
  await photograph(page, 'keys')

  await page.getByRole('link', { name: 'laptop' }).click()
  await photograph(page, 'key')
  await page.getByLabel('Name').fill('desk')
  await page.getByRole('button', { name: 'Save' }).click()
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('desk')
  await page.getByRole('button', { name: 'Rotate' }).click()
  const second = await text()
  expect([await status(first), await status(second)]).toEqual([200, 200])
  await page.getByRole('link', { name: 'All keys' }).click()

  await page.getByRole('link', { name: 'desk' }).click()
  await page.getByRole('button', { name: 'Disable for now' }).click()
  expect([await status(first), await status(second)]).toEqual([401, 401])
  await page.getByRole('link', { name: 'desk' }).click()
  await page.getByRole('button', { name: 'Enable again' }).click()
  expect(await status(second)).toBe(200)

  t.clock.advance({ minutes: 11 })
  await page.goto(`${t.url}/account/keys`)
  expect(await page.getByRole('button', { name: 'Make the key' }).count()).toBe(0)
  expect(await page.getByRole('link', { name: /prove once more/ }).getAttribute('href')).toContain('/step-up?next=')
  await page.getByRole('link', { name: 'desk' }).click()
  await page.getByLabel(/stops, for good/).check()
  await page.getByRole('button', { name: 'Revoke for good' }).click()
  expect(await status(second)).toBe(401)
})
