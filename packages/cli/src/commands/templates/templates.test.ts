import { expect, test } from 'vitest'
import { readTemplate } from '../../lib/templates.js'
import { createTestContext } from '../../testing/test-context.js'
import { run as edit } from './edit.js'
import { run as list } from './list.js'
import { run as remove } from './remove.js'
import { run as show } from './show.js'

test('a template is written from stdin, listed, shown and removed', async () => {
  const t = createTestContext({ stdin: 'Review this:\n{{input}}\n' })
  await edit('review', t.context)
  await show('review', t.context)
  expect(t.stdout()).toBe('Review this:\n{{input}}\n')
  await list({}, t.context)
  expect(t.stdout()).toContain('review    Review this:')
  await list({ json: true }, t.context)
  expect(t.stdout()).toContain('{"templates":[{"name":"review","text":"Review this:\\n{{input}}\\n"}]}')
  await remove('review', t.context)
  expect(() => readTemplate('review', t.context)).toThrow('no template is named "review"')
})

test('a name that would be another file, and an empty text, are refused', async () => {
  const t = createTestContext({ stdin: '' })
  await expect(edit('../x', t.context)).rejects.toMatchObject({ exit: 2 })
  await expect(edit('review', t.context)).rejects.toThrow('stdin was empty')
  await expect(remove('none', t.context)).rejects.toMatchObject({ exit: 2 })
})

test('an editor writes it, and one that fails is said', async () => {
  const t = createTestContext({ env: { EDITOR: "printf 'by hand' >" } })
  await edit('notes', t.context)
  expect(readTemplate('notes', t.context)).toBe('by hand')
  const broken = createTestContext({ env: { EDITOR: 'false' } })
  await expect(edit('notes', broken.context)).rejects.toThrow('false ended with 1')
})
