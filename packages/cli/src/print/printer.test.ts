import { expect, test } from 'vitest'
import { CliError } from '../lib/cli-error.js'
import { receiptOf } from '../testing/play-transport.js'
import { createPrinter, type PrinterOptions } from './printer.js'

async function print(
  options: Partial<PrinterOptions>,
  texts: readonly string[],
  stopReason: string | null = 'end_turn'
) {
  let out = ''
  const printer = createPrinter({ outputFormat: 'text', raw: false, chat: undefined, ...options }, async (text) => {
    out += text
  })
  for (const text of texts) await printer.text(text)
  const complaint = await printer.end({ model: 'm', stopReason, receipt: receiptOf(), requestId: undefined })
  return { out, complaint: complaint?.message }
}

test('text comes as it is, with a newline at its end and no escape sequences', async () => {
  expect(await print({}, ['a', '\u001b[2J'])).toEqual({ out: 'a␛[2J\n', complaint: undefined })
  expect(await print({ raw: true }, ['\u001b[2J\n'])).toEqual({ out: '\u001b[2J\n', complaint: undefined })
  expect(await print({}, [])).toEqual({ out: '', complaint: undefined })
})

test('a code block is taken from what came in pieces; one that was cut has its own error', async () => {
  const pieces = ['x\n``', '`\nls\n', '```\n']
  expect(await print({ extract: true }, pieces)).toEqual({ out: 'ls\n', complaint: undefined })
  expect(await print({ extract: true }, pieces, null)).toEqual({ out: '', complaint: undefined })
  expect((await print({ xl: true }, ['words'])).complaint).toContain('The answer was:\nwords')
})

test('JSON has the part that was asked for, or all of the answer and a complaint', async () => {
  const { out } = await print({ outputFormat: 'json', extract: true }, ['```\nls\n```'])
  expect(JSON.parse(out)).toMatchObject({ text: 'ls\n', route_reason: 'asked for', request_id: 'req_0193abcd' })
  const none = await print({ outputFormat: 'json', extract: true }, ['words'])
  expect([JSON.parse(none.out).text, none.complaint]).toEqual(['words', 'there is no code block in the answer'])
})

test('a schema that throws anything else is not hidden', async () => {
  const broken = (error: Error) => ({
    instructions: '',
    check: () => {
      throw error
    }
  })
  expect((await print({ schema: broken(new CliError(1, 'no fit')) }, ['x'])).complaint).toContain('no fit')
  await expect(print({ schema: broken(new TypeError('bug')) }, ['x'])).rejects.toThrow('bug')
})
