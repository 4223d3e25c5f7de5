import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bins } from './install.js'
import { createWorld, type World } from './world.js'

const aider = join(bins.aider, 'aider')
const options = ['--edit-format', 'diff', '--yes-always', '--no-git', '--no-check-update', '--no-show-release-notes']
let world: World

describe.skipIf(!existsSync(aider)).each(['claude-haiku-4-5', 'gpt-x'])('aider, answered by %s', (model) => {
  beforeEach(async () => {
    world = await createWorld(model)
  })
  afterEach(() => world.close())

  test.each([
    ['openai', () => ({ OPENAI_API_BASE: `${world.url}/v1`, OPENAI_API_KEY: world.key })],
    ['anthropic', () => ({ ANTHROPIC_API_BASE: world.url, ANTHROPIC_API_KEY: world.key })]
  ])('changes a file through the %s route', async (route, env) => {
    const args = ['--model', `${route}/${model}`, ...options, '--no-show-model-warnings']
    // Else it asks the network for prices first.
    const local = { LITELLM_LOCAL_MODEL_COST_MAP: 'True' }
    const said = ['--message', 'change secret.txt', 'secret.txt']
    const { code, output } = await world.run(aider, [...args, ...said], { ...env(), ...local })
    expect(output).toContain('Applied edit to secret.txt')
    expect(code).toBe(0)
    expect(readFileSync(join(world.folder, 'secret.txt'), 'utf8')).toBe('bird\n')
    expect(await world.stopReasons()).toEqual(['end_turn'])
  })
})
