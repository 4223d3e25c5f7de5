import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { browserTest, openPage, photograph } from '../../server/src/testing/browser.js'
import { createHome, type Home, runCli, type Started, startCli } from '../test/support/run-cli.js'
import { openTerminal } from '../test/support/terminal.js'

let home: Home
let serving: Started | undefined
let url: string

beforeEach(async () => {
  home = createHome()
  serving = startCli(['serve', '--port', '0'], { env: { ...home.env, CAICAINI_CAPTCHA: 'off' } })
  await serving.printed('-d \'{"model"')
  url = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(serving.stderr())?.[1] ?? ''
})
afterEach(async () => {
  serving?.child.kill('SIGKILL')
  await serving?.ended
  home.remove()
})

/** A browser of the user's own choice, which notes what it was asked to open. */
function playBrowser(): { program: string; opened: string } {
  const [program, opened] = [join(home.dir, 'browser'), join(home.dir, 'opened')]
  writeFileSync(program, `#!/bin/sh\nprintf %s "$1" > ${opened}\n`)
  chmodSync(program, 0o700)
  return { program, opened }
}

browserTest('auth login in a terminal, approved in a browser by who registers for it', async () => {
  const { program, opened } = playBrowser()
  const terminal = openTerminal(['auth', 'login', '--base-url', url], { env: { ...home.env, BROWSER: program } })
  await terminal.until('Waiting for your approval')
  const code = /type\s+([A-Z]{4}-[A-Z]{4})/.exec(terminal.everything())?.[1] ?? ''
  while (!existsSync(opened) || !readFileSync(opened, 'utf8').includes(code)) await new Promise(setImmediate)

  const page = await openPage({ javaScriptEnabled: false })
  await page.goto(readFileSync(opened, 'utf8'))
  await page.getByRole('main').getByRole('link', { name: 'Register' }).click()
  await page.getByLabel('Username').fill('grace')
  await page.getByLabel('E-mail').fill('grace@example.org')
  await page.getByLabel('Password').fill('a compiler of my own')
  await page.getByLabel(/at least 13/).check()
  await page.getByLabel(/I accept the terms/).check()
  await page.getByRole('button', { name: 'Register' }).click()
  expect(await page.getByLabel('Code').inputValue()).toBe(code)
  await photograph(page, 'device-code')
  await page.getByRole('button', { name: 'Continue' }).click()
  expect(await page.locator('.code').textContent()).toBe(code)
  await photograph(page, 'device-decide')
  await page.getByRole('button', { name: 'Approve' }).click()
  expect(await page.getByRole('status').textContent()).toContain('You can close this page')
  await photograph(page, 'device-done')

  await terminal.until(`Signed in to ${url} as grace`)
  expect((await terminal.ended).code).toBe(0)
  expect(terminal.raw()).not.toContain('cai_api_')
  expect(statSync(join(home.dir, '.config/caicaini/credentials.json')).mode & 0o777).toBe(0o600)
  const status = await runCli(['auth', 'status', '--json'], { env: home.env })
  expect(JSON.parse(status.stdout)).toMatchObject({ signed_in: true, account: { username: 'grace', plan: 'free' } })
})

browserTest('auth login that is left with Ctrl-C leaves nothing, and the terminal as it was', async () => {
  const terminal = openTerminal(['auth', 'login', '--no-browser', '--base-url', url], { env: home.env, columns: 40 })
  await terminal.until('Waiting for your approval')
  // As Ctrl-C does, but not to the shell around it.
  terminal.kill('SIGINT')
  const { code, stty } = await terminal.ended
  expect(code).toBe(130)
  expect(stty).toMatch(/ icanon/)
  expect(existsSync(join(home.dir, '.config/caicaini/credentials.json'))).toBe(false)
})
