import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bins } from './install.js'
import { createWorld, type World } from './world.js'

let world: World

const HELLO = 'Hello from the other side.'

describe.each(['claude-haiku-4-5', 'gpt-x'])("Python's clients, answered by %s", (model) => {
  beforeEach(async () => {
    world = await createWorld(model)
  })
  afterEach(() => world.close())

  test.each(['anthropic', 'openai', 'langchain_anthropic', 'langchain_openai'])('%s', async (client) => {
    const script = join(import.meta.dirname, 'python_client.py')
    const args = [script, client, world.url, world.key, model]
    const { code, output } = await world.run(join(bins.python, 'python'), args)
    expect(output).toMatch(/^\{.*\}\n$/)
    expect(JSON.parse(output)).toEqual({
      plain: HELLO,
      streamed: HELLO,
      tool: ['get_weather', { city: 'Łódź' }],
      unknown_model: 404
    })
    expect(code).toBe(0)
    expect(await world.stopReasons()).toEqual(['end_turn', 'end_turn', 'tool_use'])
  })
})
