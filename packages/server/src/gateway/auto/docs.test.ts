import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { STEP_WORTH } from './decide.js'
import { INJECTED_TAGS } from './human-text.js'
import { SMALL_AT_MOST, TOP_AT_LEAST } from './score.js'
import { SIGNALS } from './signals.js'

const docs = readFileSync(join(import.meta.dirname, '../../../../../docs/auto.md'), 'utf8')

describe('docs/auto.md', () => {
  test('lists every signal with its points, in the order of the code', () => {
    const rows = [...docs.matchAll(/^\| `([a-z ]+)` \| (-?\d+) \|/gm)].map(([, name, points]) => `${name} ${points}`)
    expect(rows).toEqual(SIGNALS.map(({ name, points }) => `${name} ${points}`))
    const asides = [...docs.matchAll(/^\| `([a-z ]+)` \|.* † \|$/gm)].map(([, name]) => name)
    expect(asides).toEqual(SIGNALS.filter(({ speaks }) => speaks === 'aside').map(({ name }) => name))
    const small = SIGNALS.filter(({ speaks }) => speaks === 'small')
    expect(small).toEqual(SIGNALS.slice(0, 3))
  })

  test('states the limits of the tiers and what a tier is worth', () => {
    expect(docs).toContain(
      `${SMALL_AT_MOST} or less is the small model, if one of the first three was seen; ${TOP_AT_LEAST} or more the top one`
    )
    expect(docs).toContain(`at ${STEP_WORTH / 1_000_000n} credits a tier`)
  })

  test('names the blocks of agents that do not stand for what local commands printed', () => {
    const printed = /^(?:local-command|command|bash|tool|function)/
    for (const tag of INJECTED_TAGS.filter((each) => !printed.test(each))) expect(docs).toContain(`\`<${tag}>\``)
  })
})
