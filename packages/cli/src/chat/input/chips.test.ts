import { expect, test } from 'vitest'
import { type Attachment, addChip, CHIPS_MAX, type Draft, expand, NO_DRAFT, shownText, sizeText } from './chips.js'

const photo: Attachment = {
  name: 'a.png',
  mediaType: 'image/png',
  bytes: 120_000,
  tokens: 1600,
  data: '',
  isText: false
}

function added(
  draft: Draft,
  cursor: number,
  ...args: Parameters<typeof addChip> extends [unknown, unknown, infer C] ? [C] : never
) {
  const next = addChip(draft, cursor, ...args)
  if (!next) throw new Error('no room')
  return next.draft
}

test('chips are shown as labels, pastes sent as text, files beside it', () => {
  const pasted = added({ text: 'what is ', chips: [] }, 8, { kind: 'paste', text: 'x\n'.repeat(312) })
  const both = added(pasted, 9, { kind: 'file', file: photo })
  expect(shownText(both)).toBe('what is [pasted 312 lines][a.png 120 KB ~1,600 tokens]')
  expect(expand(both)).toEqual({ text: `what is ${'x\n'.repeat(312)}`, files: [photo] })
})

test('a chip that was deleted makes room; there is an end to it', () => {
  let draft = NO_DRAFT
  for (let n = 0; n < CHIPS_MAX; n++) draft = added(draft, n, { kind: 'paste', text: String(n) })
  expect(addChip(draft, 0, { kind: 'paste', text: 'more' })).toBeUndefined()
  const less = { ...draft, text: draft.text.slice(1) }
  expect(expand(added(less, 0, { kind: 'paste', text: 'new' })).text).toBe(`new${expand(less).text}`)
})

test('sizes', () => {
  expect([312, 1_234, 120_000, 3_400_000].map(sizeText)).toEqual(['312 B', '1.2 KB', '120 KB', '3.4 MB'])
})
