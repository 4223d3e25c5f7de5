import { expect, test } from 'vitest'
import { COMMANDS, GROUPS } from '../command-table.js'
import { writeTemplate } from '../lib/templates.js'
import { json, type Play } from '../testing/play-transport.js'
import { createTestContext } from '../testing/test-context.js'
import { candidates } from './candidates.js'

const play: Play = ({ path }) => {
  if (path === '/v1/models')
    return json({ data: [{ id: 'claude-haiku-4-5', aliases: ['caicaini/haiku', 'haiku'], description: 'Fast.' }] })
  return json({ chats: [{ id: 'chat_019a', title: 'Walrus', first_line: 'x' }], next: null })
}

const table = { commands: COMMANDS, groups: GROUPS }

async function wordsFor(line: string, playing: Play = play) {
  const t = createTestContext({ play: playing })
  writeTemplate('review', '{{input}}', t.context)
  return (await candidates(line.split(' '), { table, context: t.context })).map(({ word }) => word)
}

test.each([
  ['bal', ['balance']],
  ['keys r', ['rotate', 'revoke']],
  ['account second-factor e', ['enable']],
  ['--output-f', ['--output-format']],
  ['x --output-format s', ['stream-json']],
  ['-m h', ['haiku']],
  ['--model ', ['haiku', 'claude-haiku-4-5']],
  ['-r ', ['chat_019a']],
  ['chats export ', ['chat_019a']],
  ['chats export --format ', ['md', 'json']],
  ['--template ', ['review']],
  ['templates show ', ['review']],
  ['config set the', ['theme']],
  ['usage --by re', ['repo']],
  ['usage --lo', ['--local']],
  ['completion f', ['fish']],
  ['run -- cla', []],
  ['-f ', []]
])('%s', async (line, expected) => {
  expect(await wordsFor(line)).toEqual(expected)
})

test('a server that is slow or not there gives no words, and no trouble', async () => {
  expect(
    await wordsFor('-m ', () => {
      throw new Error('gone')
    })
  ).toEqual([])
  const t = createTestContext({ play: () => new Promise(() => {}) })
  const asked = candidates(['-m', ''], { table, context: t.context })
  await t.clock.advance(1_500)
  expect(await asked).toEqual([])
})
