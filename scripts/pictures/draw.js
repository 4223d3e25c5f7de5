/* Plays the session once for each size and theme, and writes the picture of every moment. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../setup.js'
import { normalise } from './normalise.js'
import { MOMENTS, playSession } from './session.js'
import { svgOf } from './svg.js'
import { inFolder } from './terminal.js'

const ALL = ['answer', 'streaming', 'model', 'resume', 'input', 'cost', 'search']
const SIZES = [
  { columns: 80, rows: 30, wanted: ALL },
  { columns: 120, rows: 34, wanted: ALL },
  { columns: 40, rows: 30, wanted: ['narrow'] }
]
const THEMES = ['dark', 'light']

const folder = join(root, 'docs/pictures')
mkdirSync(folder, { recursive: true })
for (const theme of THEMES) {
  for (const size of SIZES) {
    const screens = await inFolder((home) => playSession({ ...size, theme, folder: home }))
    for (const name of size.wanted) {
      const svg = svgOf(normalise(screens[name]), { theme, label: MOMENTS[name] })
      writeFileSync(join(folder, `${name}-${size.columns}-${theme}.svg`), svg)
    }
    console.log(`${size.columns} columns, ${theme}: ${size.wanted.join(', ')}`)
  }
}
