import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pathOf, readAttachment } from '../../lib/attach.js'
import { createFakeClock } from '../../testing/fake-clock.js'
import { bufferOf } from '../input/text-buffer.js'
import { copySequence } from './clipboard.js'
import { completePath, pathAtCursor } from './complete-path.js'
import { createDraftFile } from './draft-file.js'
import { looksDropped } from './dropped.js'
import { createHistory } from './history-file.js'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'caicaini-files-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('attachments', () => {
  test('are what their bytes are, whatever they are called', async () => {
    writeFileSync(join(dir, 'a.txt'), Buffer.from('89504e470d0a1a0a00', 'hex'))
    writeFileSync(join(dir, 'b.png'), 'only text')
    writeFileSync(join(dir, 'c'), '%PDF-1.7 …')
    expect(await readAttachment(join(dir, 'a.txt'))).toMatchObject({ mediaType: 'image/png', isText: false })
    expect(await readAttachment(join(dir, 'b.png'))).toMatchObject({ isText: true, data: 'only text' })
    expect(await readAttachment(join(dir, 'c'))).toMatchObject({ mediaType: 'application/pdf' })
  })

  test.each([
    ['nothing there', () => join(dir, 'none'), /there is no file/],
    ['a folder', () => dir, /is not a file/],
    ['neither text nor known', () => write('x.bin', Buffer.from([0xff, 0xfe, 0])), /neither text, an image/],
    ['NULs', () => write('y.bin', Buffer.from('a\u0000b')), /neither text, an image/],
    ['too long a text', () => write('z.txt', Buffer.alloc(2_000_001, 'a')), /the limit is 2\.0 MB/]
  ])('%s is refused with the reason', async (_what, path, message) => {
    await expect(readAttachment(path())).rejects.toThrow(message)
  })

  test.each([
    ["'/a b/c.png'", '/a b/c.png'],
    ['/a\\ b.png ', '/a b.png'],
    ['file:///a%20b.png', '/a b.png'],
    ['~/x', '/home/ana/x'],
    ['sub/x', '/home/ana/code/sub/x']
  ])('%s is the path %s', (text, path) => {
    expect(pathOf(text, { env: { HOME: '/home/ana' }, cwd: '/home/ana/code' })).toBe(path)
  })

  test('only a lone absolute path looks dropped', () => {
    expect(['/a/b.png', "'/a b'", 'file:///x', 'C:\\x.png'].map(looksDropped)).toEqual([true, true, true, true])
    expect(['see /a/b.png', '/a\n/b', 'x', './a'].map(looksDropped)).toEqual([false, false, false, false])
  })
})

describe('completing @paths', () => {
  const complete = async (text: string) =>
    (await completePath(bufferOf(text), { env: {}, cwd: dir }))?.items.map(({ value }) => value)

  test('only after an @ that begins a word', () => {
    expect(pathAtCursor(bufferOf('see @src/a'))).toEqual({ from: 4, typed: 'src/a' })
    expect(pathAtCursor(bufferOf('mail@host'))).toBeUndefined()
    expect(pathAtCursor(bufferOf('@a b'))).toBeUndefined()
    expect(pathAtCursor(bufferOf('@a\\ b'))?.typed).toBe('a\\ b')
  })

  test('what begins so first, folders with a slash, hidden ones when asked for', async () => {
    mkdirSync(join(dir, 'src'))
    for (const name of ['readme.md', 'sub read.txt', '.env']) writeFileSync(join(dir, name), '')
    writeFileSync(join(dir, 'src/main.ts'), '')
    expect(await complete('@')).toEqual(['readme.md', 'src/', 'sub read.txt'])
    expect(await complete('@READ')).toEqual(['readme.md', 'sub read.txt'])
    expect(await complete('@.e')).toEqual(['.env'])
    expect(await complete('@src/')).toEqual(['src/main.ts'])
    expect(await complete('@nowhere/x')).toBeUndefined()
  })
})

describe('the draft', () => {
  test('is written soon, for its owner alone, and gone when it is empty', async () => {
    const clock = createFakeClock()
    const file = createDraftFile(dir, clock)
    const draft = { text: 'half a tho', chips: [] }
    file.keep({ draft: { text: 'half', chips: [] }, queue: [] })
    file.keep({ draft, queue: [draft] })
    await clock.advance(300)
    await file.flush()
    expect(statSync(join(dir, 'draft.json')).mode & 0o777).toBe(0o600)
    expect(createDraftFile(dir, clock).read()).toEqual({ draft, queue: [draft] })
    file.keep({ draft: { text: '', chips: [] }, queue: [] })
    await file.flush()
    expect(file.read()).toBeUndefined()
  })

  test('that is damaged is none; one with a file too large keeps its words', async () => {
    writeFileSync(join(dir, 'draft.json'), '{"draft":')
    const file = createDraftFile(dir, createFakeClock())
    expect(file.read()).toBeUndefined()
    const chip = { kind: 'paste', text: 'x'.repeat(5_000_000) } as const
    file.keep({ draft: { text: 'see \ufdd0', chips: [chip] }, queue: [] })
    await file.flush()
    expect(file.read()).toEqual({ draft: { text: 'see ', chips: [] }, queue: [] })
  })
})

describe('history', () => {
  test('is there in the next session, without repeats, without what was not to be kept', () => {
    const history = createHistory(dir)
    for (const text of ['one', 'two', 'two', '  ']) history.add(text, { kept: true })
    history.add('secret', { kept: false })
    expect(history.entries()).toEqual(['one', 'two', 'secret'])
    expect(createHistory(dir).entries()).toEqual(['one', 'two'])
    expect(statSync(join(dir, 'history.jsonl')).mode & 0o777).toBe(0o600)
  })

  test('a line that a crash cut off is passed over; the file does not grow for ever', async () => {
    const path = join(dir, 'history.jsonl')
    writeFileSync(path, `"a"\n"b\n${Array.from({ length: 2_500 }, (_, n) => `"m${n}"\n`).join('')}`)
    expect(createHistory(dir).entries()).toHaveLength(1_000)
    await expect.poll(() => readFileSync(path, 'utf8').split('\n').length).toBe(1_001)
  })
})

test('OSC 52, also through tmux', () => {
  expect(copySequence('hi', { env: {} })).toBe('\u001b]52;c;aGk=\u0007')
  expect(copySequence('hi', { env: { TMUX: '/tmp/x' } })).toBe('\u001bPtmux;\u001b\u001b]52;c;aGk=\u0007\u001b\\')
})

function write(name: string, bytes: Buffer): string {
  const path = join(dir, name)
  writeFileSync(path, bytes)
  return path
}
