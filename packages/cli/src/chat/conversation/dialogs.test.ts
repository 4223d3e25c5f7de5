import type { Key } from 'ink'
import { expect, test } from 'vitest'
import type { Panel } from '../state/session.js'
import { filtered, onPanelKey } from './dialogs.js'

const with_ = (key: Partial<Key>) => key as Key
const plain = {} as Key
const items = ['opus', 'sonnet', 'haiku'].map((name) => ({ value: name, label: name, detail: `model ${name}` }))
const pick: Panel = { kind: 'pick', title: 'Which?', items, filter: '', index: 0 }

function press(panel: Panel, ...keys: [string, Key][]): Panel | { value: string | undefined } {
  let now = panel
  for (const [input, key] of keys) {
    const step = onPanelKey(now, input, key)
    if (!('panel' in step)) return step
    now = step.panel
  }
  return now
}

test('a list is searched by typing, moved in by arrows, taken by Enter', () => {
  const down = ['', with_({ downArrow: true })] as [string, Key]
  const enter = ['', with_({ return: true })] as [string, Key]
  expect(press(pick, down, down, down, enter)).toEqual({ value: 'haiku' })
  expect(press(pick, ['son', plain], enter)).toEqual({ value: 'sonnet' })
  // Typed fast, with its Enter.
  expect(press(pick, ['hai\r', plain])).toEqual({ value: 'haiku' })
  expect(press(pick, ['zzz', plain], enter)).toEqual({ value: undefined })
  expect(press(pick, down, ['', with_({ escape: true })])).toEqual({ value: undefined })
  const searched = press(pick, ['MODEL o', plain]) as Extract<Panel, { kind: 'pick' }>
  expect(filtered(searched).map(({ value }) => value)).toEqual(['opus', 'sonnet', 'haiku'])
})

test('a question is taken by Enter or y, and left by anything that says no', () => {
  const ask: Panel = { kind: 'confirm', text: 'Send?', yes: '', no: '' }
  expect(press(ask, ['', with_({ return: true })])).toEqual({ value: 'yes' })
  expect(press(ask, ['y', plain])).toEqual({ value: 'yes' })
  for (const key of [
    ['n', plain],
    ['', with_({ escape: true })],
    ['c', with_({ ctrl: true })]
  ] as [string, Key][]) {
    expect(press(ask, key)).toEqual({ value: undefined })
  }
  expect(press(ask, ['x', plain])).toEqual(ask)
})
