import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CHAT_FIELDS } from './chat-fields.js'
import type { FieldTable } from './fields.js'
import { MESSAGES_FIELDS } from './messages-fields.js'
import { CHAT_QUIRKS } from './quirks.js'
import { RESPONSES_FIELDS } from './responses-fields.js'
import { finishReasonOf, responseStatusOf, stopReasonOfMessages } from './stop-reason.js'

const docs = readFileSync(join(import.meta.dirname, '../../../../../docs/gateway.md'), 'utf8')

/** Rows of the table under `## title` whose first column is headed `head`, without its two head rows. */
function rowsOf(title: string, head: string, nth = 0): string[][] {
  const section = docs.split(`\n## ${title}\n`)[1]?.split(/^## /m)[0] ?? ''
  const tables = section.split(new RegExp(`^\\| ${head} \\|.*\\n\\|[-|]+\\n`, 'm')).slice(1)
  const rows = (tables[nth]?.split(/^(?!\|)/m)[0] ?? '').trimEnd().split('\n')
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
  )
}

function rowsOfTable(table: FieldTable): string[][] {
  return Object.entries(table).map(([field, rule]) => {
    const unless = rule.how === 'refused' ? (rule.unless ?? []).map((value) => `\`${JSON.stringify(value)}\``) : []
    const taken = unless.length === 0 ? '' : ` (${unless.join(', ')} ${unless.length > 1 ? 'are' : 'is'} taken)`
    return [`\`${field}\``, rule.how, (rule.note ?? '') + taken]
  })
}

function spell(value: unknown): string {
  if (value === null) return 'any'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ')
  return typeof value === 'number' ? String(value) : `\`${value}\``
}

describe('docs/gateway.md', () => {
  test.each([
    ["Anthropic's requests to a chat provider", MESSAGES_FIELDS],
    ["Chat requests to a provider of Anthropic's format", CHAT_FIELDS],
    ['Responses requests', RESPONSES_FIELDS]
  ])('%s: says what becomes of every field, and of no other', (title, table) => {
    expect(rowsOf(title, 'field')).toEqual(rowsOfTable(table))
  })

  test('says how each provider differs', () => {
    const quirks = Object.keys(CHAT_QUIRKS.openai) as (keyof typeof CHAT_QUIRKS.openai)[]
    const expected = quirks.map((quirk) => [
      `\`${quirk}\``,
      ...Object.values(CHAT_QUIRKS).map((preset) => spell(preset[quirk]))
    ])
    expect(rowsOf('How chat providers differ', 'quirk', 1)).toEqual(expected)
    expect(rowsOf('How chat providers differ', 'quirk').map(([quirk]) => quirk)).toEqual(
      expected.map(([quirk]) => quirk)
    )
    expect(docs).toContain(`| quirk | ${Object.keys(CHAT_QUIRKS).join(' | ')} |`)
  })

  test('says what each stop reason becomes', () => {
    const rows = rowsOf('Stop reasons', 'Anthropic').map((cells) => cells.map((cell) => cell.replaceAll('`', '')))
    const expected = rows.map(([reason]) => {
      const known = stopReasonOfMessages(reason)
      const { status, incomplete_details: details } = responseStatusOf(known)
      return [known, finishReasonOf(known), details ? `${status}: ${details.reason}` : status]
    })
    expect(rows).toEqual(expected)
    expect(new Set(rows.map(([reason]) => reason)).size).toBe(7)
  })
})
