import { expect, test } from 'vitest'
import { COMMANDS } from './command-table.js'
import { manPage } from './man-page.js'

test('the manual has every command and the options of each, in troff that nothing of the text breaks', async () => {
  const page = await manPage()
  for (const path of Object.keys(COMMANDS)) expect(page).toContain(`\n.B caicaini ${path.replaceAll('-', '\\-')}`)
  for (const text of ['\\-\\-rollback', '\\-m, \\-\\-model NAME', '.SH EXIT STATUS', '.SH EXAMPLES'])
    expect(page).toContain(text)
  const requests = page.split('\n').flatMap((line) => /^\.(\S*)/.exec(line)?.[1] ?? [])
  expect([...new Set(requests)].sort()).toEqual(['B', 'RE', 'RS', 'SH', 'TH', 'TP', 'fi', 'nf'])
  expect(page).not.toMatch(/^'/m)
  expect(page.match(/^\.RS/gm)?.length).toBe(page.match(/^\.RE/gm)?.length)
})
