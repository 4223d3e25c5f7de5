import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { readPrompt } from '../print/prompt.js'
import { settle } from '../testing/fake-clock.js'
import { endEvents, json, type Play, receiptOf, refusal, stream, textEvent } from '../testing/play-transport.js'
import { createTestContext, type TestOptions } from '../testing/test-context.js'
import { type Options, run } from './ask.js'

const OPTIONS: Options = { words: ['hi'], outputFormat: 'text', quiet: false, raw: false, stdin: true }
const answered: Play = () => stream([textEvent('Hello'), ...endEvents()])
/** One piece of text, and then nothing until the request is stopped. */
const endless: Play = ({ path, signal }) => {
  if (path.startsWith('/api/receipts/')) return json(receiptOf({ status: 'aborted', estimated: true }))
  return stream(
    (async function* () {
      yield textEvent('half')
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })()
  )
}

const prompt = (words: string[], options: TestOptions = {}, stdin = true) =>
  readPrompt({ words, stdin }, createTestContext(options).facts)

test('on a terminal only the words are the prompt', async () => {
  expect(await prompt(['two', 'words'])).toBe('two words')
  await expect(prompt([])).rejects.toMatchObject({ exit: 2 })
})

test('piped text follows the words, or stands for them', async () => {
  expect(await prompt(['review'], { stdin: 'a\nb\n' })).toBe('review\n\n<stdin>\na\nb\n</stdin>')
  expect(await prompt([], { stdin: 'a\nb\n' })).toBe('a\nb\n')
  expect(await prompt(['-'], { stdin: 'a' })).toBe('a')
  expect(await prompt(['only this'], { stdin: '' })).toBe('only this')
  expect(await prompt(['only this'], { stdin: 'not this' }, false)).toBe('only this')
})

test('a silent stdin is waited for, aloud', async () => {
  const stdin = new PassThrough()
  const t = createTestContext({ stdin, play: answered })
  const done = run(OPTIONS, t.context)
  await t.clock.advance(3_000)
  expect(t.stderr()).toContain('waiting for text on stdin')
  stdin.end('late')
  await done
  expect(t.stdout()).toBe('Hello\n')
  expect(JSON.parse(t.server.requests[0]?.body ?? '').messages[0].content).toContain('late')
})

test('the setting says which model, the flag knows better', async () => {
  const t = createTestContext({ play: answered })
  await t.context.config().set('model', 'kimi')
  await run(OPTIONS, t.context)
  await run({ ...OPTIONS, model: 'opus' }, t.context)
  expect(t.server.requests.map(({ body }) => JSON.parse(body ?? '').model)).toEqual(['kimi', 'opus'])
})

test('--quiet leaves the cost line out, and an answer that ends its line gets no other', async () => {
  const t = createTestContext({ play: () => stream([textEvent('Hello\n'), ...endEvents()]) })
  await run({ ...OPTIONS, quiet: true }, t.context)
  expect([t.stdout(), t.stderr()]).toEqual(['Hello\n', ''])
})

test('an interrupted answer stays, its cost is asked for, and JSON says that it did not end', async () => {
  for (const outputFormat of ['text', 'json'] as const) {
    const t = createTestContext({ play: endless })
    const done = run({ ...OPTIONS, outputFormat }, t.context)
    const refused = expect(done).rejects.toMatchObject({ exit: 130 })
    await settle()
    t.raise('SIGINT')
    await refused
    expect(t.stderr()).toMatch(/^↳ haiku .* · estimated\n$/)
    if (outputFormat === 'text') expect(t.stdout()).toBe('half\n')
    else expect(JSON.parse(t.stdout())).toMatchObject({ text: 'half', stop_reason: null })
  }
})

test('a server that never tells the cost is not waited for longer than three seconds', async () => {
  const t = createTestContext({
    play: (request, number) =>
      request.path.startsWith('/api/receipts/')
        ? new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)))
        : endless(request, number)
  })
  const refused = expect(run(OPTIONS, t.context)).rejects.toMatchObject({ exit: 130 })
  await settle()
  t.raise('SIGTERM')
  await t.clock.advance(3_000)
  await refused
  expect(t.stderr()).toContain('caicaini receipts show req_')
})

test('out of credits: the balance is said, and here how to add to it', async () => {
  const t = createTestContext({
    globals: { local: true },
    play({ path }) {
      if (path === '/api/balance') return json({ balance: 2, held: 1.5, available: 0.5, grants: [] })
      if (path === '/api/keys/self') return json({ account: { username: 'owner' }, key: {}, notice: null })
      return refusal(402, 'insufficient_quota', 'this needs 8 credits')
    }
  })
  await expect(run(OPTIONS, t.context)).rejects.toMatchObject({
    exit: 5,
    message: [
      'this needs 8 credits',
      'Your balance is 2 credits (0.5 credits available). More credits are needed to go on.',
      'Add some: caicaini --local admin credits grant owner 1000'
    ].join('\n')
  })
})
