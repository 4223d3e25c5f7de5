import { expect } from 'vitest'
import { browserTest, openPage } from '../src/testing/browser.js'
import { createTestServer } from '../src/testing/server.js'

browserTest('a new password is judged while it is typed, and said to screen readers', async () => {
  const t = await createTestServer({ env: { CAICAINI_CAPTCHA: 'off' } })
  const page = await openPage()
  const faults: string[] = []
  page.on('console', (message) => void (message.type() === 'error' && faults.push(message.text())))
  await page.goto(`${t.url}/register`)
  const hint = page.locator('#password + [role=status]')
  for (const [typed, said] of [
    ['', ''],
    ['short', '3 more'],
    ['abcdefgh', 'Easily guessed'],
    ['abcabcabcabc', 'Easily guessed'],
    ['correct horse battery staple', 'Good.']
  ] as const) {
    await page.getByLabel('Password').fill(typed)
    expect(await hint.textContent()).toContain(said)
  }
  expect(faults).toEqual([])
  await t.close()
})
