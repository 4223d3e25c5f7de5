import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, test } from 'vitest'

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/google/chrome/chrome']
/** Pictures of pages, to be looked at; no test compares them. */
const screens = join(import.meta.dirname, '../../../../node_modules/.cache/caicaini-screens')

/** A system's Chromium, else the one of an npm package; undefined where neither starts here. */
async function start(): Promise<Browser | undefined> {
  const args = ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none']
  const system = SYSTEM.find(existsSync)
  try {
    const executablePath = system ?? (await (await import('@sparticuz/chromium')).default.executablePath())
    return await chromium.launch({ executablePath, args, headless: true })
  } catch {
    return undefined
  }
}

const browser = await start()
afterAll(() => browser?.close())

/** A test that needs a browser: skipped, and counted so, where there is none. */
export const browserTest = test.skipIf(browser === undefined)

/** A fresh browser, without cookies; closed by the test's end. */
export async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
  if (!browser) throw new Error('there is no browser: use browserTest')
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, ...options })
  return context.newPage()
}

/** Pictures of a page in light and dark, wide and narrow. */
export async function photograph(page: Page, name: string): Promise<void> {
  mkdirSync(screens, { recursive: true })
  const size = page.viewportSize()
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1000, 360]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 800 })
      await page.screenshot({ path: join(screens, `${name}-${colorScheme}-${width}.png`), fullPage: true })
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  if (size) await page.setViewportSize(size)
}
