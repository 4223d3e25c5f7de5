import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Chat, ChatList, ChatMessageList } from '@caicaini/protocol/api'
import Database from 'better-sqlite3'
import { unzipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { atTerminal, newChatId, newMessageId, refusedAs } from '../src/testing/chats.js'
import { createTestServer, type TestServer, until } from '../src/testing/server.js'
import { plainMessage } from '../src/testing/upstream.js'

let dataDir: string
let t: TestServer
/** Every line of the log. */
let logged: string[]
let ada: Awaited<ReturnType<typeof atTerminal>>

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'caicaini-chats-'))
  logged = []
  const line = (fields: object, message: string) => void logged.push(JSON.stringify({ ...fields, message }))
  t = await createTestServer({ dataDir, world: { log: { info: line, warn: line, error: line } } })
  ada = await atTerminal(t)
})
afterEach(async () => {
  expect((await t.audit()).differences).toEqual([])
  await t.close()
  rmSync(dataDir, { recursive: true })
})

/** A chat of one turn. */
async function begun(content: unknown = 'hi'): Promise<{ chat: string; message: string; answer: string }> {
  const turn = { chat: newChatId(), message: newMessageId(), answer: newMessageId() }
  expect((await ada.ask(turn, content)).headers.get('caicaini-chat')).toBe('saved')
  return turn
}

function inDatabase<T>(work: (database: Database.Database) => T): T {
  const database = new Database(join(dataDir, 'caicaini.sqlite'))
  try {
    return work(database)
  } finally {
    database.close()
  }
}
const rowsOf = (table: string) =>
  inDatabase((database) => database.prepare(`select count(*) from ${table}`).pluck().get() as number)
const chatRows = () => ['chat', 'chat_message', 'chat_file', 'chat_file_use'].map(rowsOf)

/** An upstream that says this. */
const saying = (text: string) => (response: ServerResponse) =>
  void response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ ...plainMessage(), content: [{ type: 'text', text }] }))

const PICTURE = randomBytes(3_000)
const sha256 = createHash('sha256').update(PICTURE).digest('hex')
const picture = {
  type: 'image',
  source: { type: 'base64', media_type: 'image/png', data: PICTURE.toString('base64') }
}
const paper = {
  type: 'document',
  title: 'walrus.txt',
  source: { type: 'text', media_type: 'text/html', data: '<b>all about walruses</b>' }
}

describe('images and documents', () => {
  test('are stored once an account, named by the messages that have them, and given out as they came', async () => {
    const [one, two] = [await begun([{ type: 'text', text: 'look' }, picture, paper]), await begun([picture])]
    expect(chatRows()).toEqual([2, 4, 2, 3])
    const [said] = await ada.messages(one.chat)
    const file = { sha256, media_type: 'image/png', bytes: PICTURE.length, name: null }
    expect(said?.content).toMatchObject([
      { type: 'text', text: 'look' },
      { type: 'image', file },
      { type: 'document', title: 'walrus.txt', file: { media_type: 'text/html', bytes: 25, name: 'walrus.txt' } }
    ])
    expect(JSON.stringify(said)).not.toContain('source')
    const given = await ada.call('GET', `/api/chats/${two.chat}/files/${sha256}`)
    expect(given.headers.get('content-type')).toBe('image/png')
    expect(Buffer.from(await given.arrayBuffer()).equals(PICTURE)).toBe(true)
    // Whatever its sender calls it, it is no page.
    const page = await ada.call('GET', `/api/chats/${one.chat}/files/${said?.content[2]?.file?.sha256}`)
    expect(page.headers.get('content-type')).toBe('application/octet-stream')
    expect(await page.text()).toBe('<b>all about walruses</b>')
    const elsewhere = `/api/chats/${two.chat}/files/${said?.content[2]?.file?.sha256}`
    expect((await ada.call('GET', elsewhere)).status).toBe(404)
  })

  test('inside a result of a tool are taken out of it, too', async () => {
    const { chat } = await begun([{ type: 'tool_result', tool_use_id: 'toolu_1', content: [picture] }])
    expect((await ada.messages(chat))[0]?.content).toMatchObject([{ content: [{ type: 'image', file: { sha256 } }] }])
    expect((await ada.call('GET', `/api/chats/${chat}/files/${sha256}`)).status).toBe(200)
  })
})

describe('the list', () => {
  test('has the chat that was used last first, page by page', async () => {
    const made: string[] = []
    for (let i = 0; i < 5; i++) {
      made.push((await begun(`number ${i}`)).chat)
      t.clock.advance({ minutes: 1 })
    }
    await ada.ask({ chat: made[0] ?? '' }, 'once more')
    const order = [0, 4, 3, 2, 1].map((i) => made[i])
    const seen: string[] = []
    let before = ''
    for (let page = 0; page < 3; page++) {
      const { chats, next } = await ada.get<ChatList>(`/api/chats?limit=2${before && `&before=${before}`}`)
      seen.push(...chats.map(({ id }) => id))
      before = next ?? ''
    }
    expect(before).toBe('')
    expect(seen).toEqual(order)
    const begins = async (prefix: string) =>
      (await ada.get<ChatList>(`/api/chats?id=${prefix}`)).chats.map(({ id }) => id)
    expect(await begins(made[2] ?? '')).toEqual([made[2]])
    expect(await begins('chat_01999999-0000')).toEqual(order)
    expect(await begins('chat_01999998')).toEqual([])
    for (const query of [
      'id=chat_0199',
      'id=chat_%25%25%25%25%25%25%25%25',
      'limit=0',
      'limit=101',
      'before=nowhere',
      'search=',
      `search=${'x'.repeat(201)}`
    ])
      expect((await ada.call('GET', `/api/chats?${query}`)).status, query).toBe(400)
  })

  test('is searched by titles and by what was said, whatever its case', async () => {
    const one = await begun('the Walrus sings')
    const two = await begun('nothing of note')
    await ada.call('PATCH', `/api/chats/${two.chat}`, { json: { title: 'Straße im Norden' } })
    const search = async (words: string) =>
      (await ada.get<ChatList>(`/api/chats?search=${encodeURIComponent(words)}`)).chats.map(({ id }) => id)
    expect(await search('WALRUS')).toEqual([one.chat])
    expect(await search('im norden')).toEqual([two.chat])
    expect(await search('hello, WORLD')).toEqual([two.chat, one.chat])
    expect(await search('%')).toEqual([])
  })
})

test('messages come page by page in the order of storage', async () => {
  const { chat, answer } = await begun()
  await ada.ask({ chat, parent: answer })
  const all = await ada.messages(chat)
  const first = await ada.get<ChatMessageList>(`/api/chats/${chat}/messages?limit=3`)
  expect(first.messages).toEqual(all.slice(0, 3))
  const last = await ada.get<ChatMessageList>(`/api/chats/${chat}/messages?limit=3&after=${first.next}`)
  expect(last).toEqual({ messages: all.slice(3), next: null })
  expect((await ada.call('GET', `/api/chats/${chat}/messages?after=${newMessageId()}`)).status).toBe(404)
})

test('a title is its owner’s, on one line', async () => {
  const { chat } = await begun()
  const named = await ada.call('PATCH', `/api/chats/${chat}`, { json: { title: ' walruses ' } })
  expect(await named.json()).toMatchObject({ id: chat, title: 'walruses' })
  for (const json of [{ title: '' }, { title: 'a\nb' }, { title: 'x'.repeat(121) }, {}, { title: 'x', leaf: 'y' }])
    expect((await ada.call('PATCH', `/api/chats/${chat}`, { json })).status).toBe(400)
})

describe('a fork', () => {
  test('is the path to a message as a chat of its own', async () => {
    const { chat, message, answer } = await begun([{ type: 'text', text: 'one' }, picture])
    await ada.ask({ chat, message }, 'one')
    const [two, last] = [newMessageId(), newMessageId()]
    await ada.ask({ chat, parent: answer, message: two, answer: last }, 'two')
    await ada.call('PATCH', `/api/chats/${chat}`, { json: { title: 'walruses' } })
    const id = newChatId()
    t.clock.advance({ minutes: 1 })
    const response = await ada.call('POST', `/api/chats/${chat}/fork`, { json: { id, message: last } })
    expect(response.status).toBe(201)
    const forked = (await response.json()) as Chat
    expect(forked).toMatchObject({ id, title: 'walruses', first_line: 'one', messages: 4 })
    const [from, to] = [await ada.messages(chat), await ada.messages(id)]
    expect(forked.leaf).toBe(to[3]?.id)
    const path = from.filter((each) => [message, answer, two, last].includes(each.id))
    const bare = ({ id: _, parent: __, ...rest }: (typeof to)[number]) => rest
    expect(to.map(bare)).toEqual(path.map(bare))
    expect(to.map(({ parent }) => parent)).toEqual([null, ...to.slice(0, 3).map((each) => each.id)])
    expect(to.filter((each) => from.some((other) => other.id === each.id))).toEqual([])
    expect((await ada.get<ChatList>('/api/chats')).chats.map((each) => each.id)).toEqual([id, chat])
    // It goes on by itself, and keeps its files when the other is gone.
    expect((await ada.ask({ chat: id, parent: forked.leaf ?? '' }, 'three')).status).toBe(200)
    await ada.call('DELETE', `/api/chats/${chat}`)
    t.clock.advance({ minutes: 61 })
    await until(() => rowsOf('chat') === 1)
    expect((await ada.call('GET', `/api/chats/${id}/files/${sha256}`)).status).toBe(200)
  })

  test('is refused where its id is taken, or the message is not there', async () => {
    const { chat, message } = await begun()
    const codes = async (json: object) =>
      (await refusedAs(await ada.call('POST', `/api/chats/${chat}/fork`, { json }))).code
    expect(await codes({ id: chat, message })).toBe('conflict')
    expect(await codes({ id: newChatId(), message: newMessageId() })).toBe('not_found')
    expect(await codes({ id: 'chat_1', message })).toBe('invalid_request')
  })
})

describe('a deleted chat', () => {
  test('is gone at once, and its rows and files within a day', async () => {
    const [one, two] = [await begun([picture]), await begun([picture, paper])]
    expect((await ada.call('DELETE', `/api/chats/${two.chat}`)).status).toBe(204)
    expect((await ada.get<ChatList>('/api/chats')).chats.map(({ id }) => id)).toEqual([one.chat])
    for (const path of ['', '/messages', `/files/${sha256}`])
      expect((await ada.call('GET', `/api/chats/${two.chat}${path}`)).status).toBe(404)
    expect((await ada.call('DELETE', `/api/chats/${two.chat}`)).status).toBe(404)
    expect(chatRows()).toEqual([2, 4, 2, 3])
    t.clock.advance({ minutes: 61 })
    await until(() => rowsOf('chat') === 1)
    expect(chatRows()).toEqual([1, 2, 1, 1])
    await ada.call('DELETE', `/api/chats/${one.chat}`)
    t.clock.advance({ minutes: 61 })
    await until(() => rowsOf('chat') === 0)
    expect(chatRows()).toEqual([0, 0, 0, 0])
  })

  test('takes the answer that was under way with it', async () => {
    const { chat, answer } = await begun()
    t.upstream.play((response) => {
      ada.call('DELETE', `/api/chats/${chat}`).then(() => {
        saying('late')(response)
      })
    })
    expect((await ada.ask({ chat, parent: answer }, 'more')).status).toBe(200)
    expect(rowsOf('chat_message')).toBe(3)
  })
})

test('nothing that was said lies readable on the disk, or is logged', async () => {
  t.upstream.play(saying('a narwhal answers'))
  const words = ['walruses', 'narwhal', 'be discreet', 'the title of it', PICTURE.toString('latin1').slice(0, 40)]
  const turn = { chat: newChatId(), message: newMessageId() }
  expect((await ada.ask(turn, [picture, paper], { body: { system: 'be discreet' } })).status).toBe(200)
  await ada.call('PATCH', `/api/chats/${turn.chat}`, { json: { title: 'the title of it' } })
  expect(JSON.stringify(await ada.get<Chat>(`/api/chats/${turn.chat}`))).toContain('the title of it')
  const files = readdirSync(dataDir).filter((name) => name.startsWith('caicaini.sqlite'))
  expect(files.length).toBeGreaterThan(1)
  // Also where it cannot be kept.
  inDatabase((database) => database.exec('alter table chat_message rename to elsewhere'))
  await ada.ask({ chat: newChatId() }, [picture, paper], { body: { system: 'be discreet' } })
  expect(logged.join()).toContain('could not keep a turn of a chat')
  for (const word of words) expect(logged.join().includes(word), word).toBe(false)
  for (const name of files) {
    const bytes = readFileSync(join(dataDir, name)).toString('latin1')
    for (const word of words) expect(bytes.includes(word), `${name}: ${word}`).toBe(false)
  }
})

test('a chat that cannot be kept disturbs neither the answer nor its bill', async () => {
  const { chat, answer } = await begun()
  inDatabase((database) => database.exec('alter table chat_message rename to elsewhere'))
  const before = (await t.balance()).balance
  const failed = await ada.ask({ chat: newChatId() }, 'more')
  expect([failed.status, failed.headers.get('caicaini-chat')]).toEqual([200, 'unsaved; failed'])
  inDatabase((database) => database.exec('alter table elsewhere rename to chat_message'))
  expect((await t.balance()).balance).toBeLessThan(before)
  inDatabase((database) => database.exec(`update chat set bytes = ${1024 ** 3}`))
  const full = await ada.ask({ chat, parent: answer }, 'more')
  expect([full.status, full.headers.get('caicaini-chat')]).toEqual([200, 'unsaved; full'])
  expect(await ada.messages(chat)).toHaveLength(2)
  const json = { id: newChatId(), message: answer }
  expect(await refusedAs(await ada.call('POST', `/api/chats/${chat}/fork`, { json }))).toMatchObject({
    code: 'conflict'
  })
})

describe('leaving', () => {
  async function exported(): Promise<Record<string, Uint8Array>> {
    const { id } = (await (await ada.call('POST', '/api/account/export')).json()) as { id: string }
    let response = await ada.call('GET', `/api/account/export/${id}`)
    await until(async () => {
      response = await ada.call('GET', `/api/account/export/${id}`)
      return response.ok
    })
    return unzipSync(new Uint8Array(await response.arrayBuffer()))
  }
  const textIn = (zip: Record<string, Uint8Array>, name: string) => Buffer.from(zip[name] ?? []).toString()

  test('one takes chats, messages and files along', async () => {
    const { chat } = await begun([{ type: 'text', text: '=look' }, picture])
    const { chat: other } = await begun('two')
    const gone = await begun('three')
    await ada.call('DELETE', `/api/chats/${gone.chat}`)
    const zip = await exported()
    const chats = JSON.parse(textIn(zip, 'chats.json')) as { id: string; messages: object[] }[]
    expect(chats.map(({ id }) => id).sort()).toEqual([chat, other].sort())
    expect(chats.find(({ id }) => id === chat)?.messages).toEqual(await ada.messages(chat))
    const lines = textIn(zip, 'chats.csv').trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toBe('id,title,first_line,model,messages,credits,created_at,updated_at')
    expect(lines.find((line) => line.startsWith(chat))).toContain("'=look")
    expect(Buffer.from(zip[`files/${sha256}`] ?? []).equals(PICTURE)).toBe(true)
  })

  test('one takes an empty list where there is nothing', async () => {
    expect(JSON.parse(textIn(await exported(), 'chats.json'))).toEqual([])
  })
})
