import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bins } from './install.js'
import { createWorld, OPENAI_NAMES, type Ran, type World } from './world.js'

let world: World

type Agent = (model: string, task?: string) => Promise<Ran>

/** Each as its own documentation says to set it up: an address, a key and a model. */
const agents: Readonly<Record<string, Agent>> = {
  'Claude Code': (model) =>
    world.run(join(bins.npm, 'claude'), ['-p', 'read secret.txt', '--model', model, '--allowedTools', 'Bash'], {
      ANTHROPIC_BASE_URL: world.url,
      ANTHROPIC_AUTH_TOKEN: world.key,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1'
    }),
  Codex: (model, task = 'read secret.txt') => {
    const config = [
      `model = "${model}"`,
      'model_provider = "caicaini"',
      'model_verbosity = "medium"',
      '[model_providers.caicaini]',
      'name = "Caicaini"',
      `base_url = "${world.url}/v1"`,
      'env_key = "CAICAINI_API_KEY"',
      'wire_api = "responses"'
    ]
    mkdirSync(join(world.folder, '.codex'))
    writeFileSync(join(world.folder, '.codex/config.toml'), config.join('\n'))
    const args = ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', task]
    return world.run(join(bins.npm, 'codex'), args, { CAICAINI_API_KEY: world.key })
  },
  opencode: (model) => {
    const options = { baseURL: `${world.url}/v1`, apiKey: world.key }
    const caicaini = { npm: '@ai-sdk/openai-compatible', name: 'Caicaini', options, models: { [model]: {} } }
    const config = { model: `caicaini/${model}`, provider: { caicaini } }
    writeFileSync(join(world.folder, 'opencode.json'), JSON.stringify(config))
    return world.run(join(bins.npm, 'opencode'), ['run', 'read secret.txt'])
  }
}

describe.each(['claude-haiku-4-5', 'gpt-x'])('answered by %s', (model) => {
  beforeEach(async () => {
    world = await createWorld(model)
  })
  afterEach(() => world.close())

  test.each(Object.keys(agents))('%s reads a file with its tool and says what it holds', async (name) => {
    const { code, output } = (await agents[name]?.(model)) ?? {}
    expect(output).toContain('The file says fish.')
    expect(code).toBe(0)
    const reasons = await world.stopReasons()
    expect(reasons).toContain('tool_use')
    expect(reasons.at(-1)).toBe('end_turn')
  })

  test.each(OPENAI_NAMES)('Codex patches a file with the freeform tool that it has for %s', async (name) => {
    const { code, output } = (await agents.Codex?.(name, 'change secret.txt')) ?? {}
    expect(output).toContain('The file says fish.')
    expect(code).toBe(0)
    expect(readFileSync(join(world.folder, 'secret.txt'), 'utf8')).toBe('"bird" 🐦\n')
    expect(await world.stopReasons()).toEqual(['tool_use', 'end_turn'])
  })
})
