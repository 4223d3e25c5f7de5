import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { shellLines, shellOf, toolEnv } from './tool-env.js'

const MODELS = [
  { id: 'claude-haiku-4-5', aliases: ['haiku', 'caicaini/haiku'] },
  { id: 'caicaini/auto', aliases: ['auto'] },
  { id: 'embed', aliases: [], serves: 'embeddings' as const }
]
const options = { baseUrl: 'http://127.0.0.1:8787', key: 'cai_api_x', models: MODELS }

test("each tool's own form: Anthropic's addresses as they are, OpenAI's with /v1", () => {
  const { set, unset } = toolEnv(options)
  expect(set).toMatchObject({
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:8787',
    ANTHROPIC_AUTH_TOKEN: 'cai_api_x',
    ANTHROPIC_API_KEY: 'cai_api_x',
    ANTHROPIC_DEFAULT_HAIKU_MODEL: 'claude-haiku-4-5',
    CLAUDE_CODE_GATEWAY_HINT_HEADERS: '1',
    OPENAI_BASE_URL: 'http://127.0.0.1:8787/v1',
    OPENAI_API_BASE: 'http://127.0.0.1:8787/v1',
    CAICAINI_BASE_URL: 'http://127.0.0.1:8787'
  })
  expect(unset).toEqual([])
  const { provider } = JSON.parse(set.OPENCODE_CONFIG_CONTENT ?? '')
  expect(provider.caicaini.options.baseURL).toBe('http://127.0.0.1:8787/v1')
  expect(Object.keys(provider.caicaini.models)).toEqual(['claude-haiku-4-5', 'auto'])
})

test.each([[['claude']], [['/usr/bin/claude', '-p']], [['npx', '@anthropic-ai/claude-code']], [['claude.cmd']]])(
  '%o gets no ANTHROPIC_API_KEY, and not that of the user either',
  (command) => {
    const { set, unset } = toolEnv({ ...options, command })
    expect([set.ANTHROPIC_API_KEY, unset]).toEqual([undefined, ['ANTHROPIC_API_KEY']])
  }
)

test('a shell reads back what was meant', () => {
  const value = `it's "$HOME" \\ \`x\``
  const lines = shellLines({ set: { ODD: value }, unset: ['GONE'] }, 'bash')
  const script = `GONE=1\n${lines}printf '%s|%s' "$ODD" "\${GONE-unset}"`
  expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toBe(`${value}|unset`)
  expect(shellLines({ set: { ODD: "it's" }, unset: ['GONE'] }, 'fish')).toBe("set -e GONE\nset -gx ODD 'it\\'s'\n")
  expect(shellLines({ set: { ODD: "it's" }, unset: ['GONE'] }, 'powershell')).toBe(
    "Remove-Item Env:GONE -ErrorAction Ignore\n$env:ODD = 'it''s'\n"
  )
})

test('the shell is that of the user', () => {
  expect(shellOf({ SHELL: '/usr/bin/zsh' }, 'linux')).toBe('zsh')
  expect(shellOf({ SHELL: '/bin/dash' }, 'linux')).toBe('bash')
  expect(shellOf({}, 'win32')).toBe('powershell')
})
