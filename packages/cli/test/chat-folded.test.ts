import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ChatHome, chatHome } from './support/chat-home.js'
import { KEYS } from './support/terminal.js'

let chats: ChatHome

beforeEach(() => {
  chats = chatHome()
})

afterEach(() => chats.remove())

test.each([
  [80, 30],
  [60, 24],
  [40, 30]
])(
  'code wider than the terminal leaves nothing behind as it comes, at %i columns and %i rows',
  async (columns, rows) => {
    const chat = await chats.open({ env: chats.env, columns, rows })
    chat.type(`[sandbox markdown] [sandbox slow 20]${KEYS.enter}`)
    await chat.until(/↳ haiku/)
    const text = chat.everything()
    for (const once of ['# before: topic', 'export async function', 'throw new Error']) {
      expect({ once, times: text.replaceAll('\n', '').split(once).length - 1 }).toEqual({ once, times: 1 })
    }
    // One empty row between blocks, and none of the line that says what goes on.
    expect(text.slice(text.indexOf('Moving commits'), text.indexOf('↳'))).not.toMatch(/\n\n\n|Esc stops/)
  }
)
