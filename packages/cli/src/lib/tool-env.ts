import type { Model } from '@caicaini/protocol/api'
import { isNamed } from './estimate.js'

/** What other tools have to find in their environment so that they use a server of ours. */
export interface ToolEnv {
  readonly set: Readonly<Record<string, string>>
  /** What would win over it, or send a stranger's key to us. */
  readonly unset: readonly string[]
}

export interface ToolEnvOptions {
  /** Without a slash at its end. */
  readonly baseUrl: string
  readonly key: string
  readonly models: readonly Pick<Model, 'id' | 'aliases' | 'serves'>[]
  /** What is started, as far as it is known. */
  readonly command?: readonly string[]
}

/**
 * Each tool's own names. Anthropic's clients add /v1 to an address themselves, OpenAI's have it at its end
 * (docs/clients.md). Claude Code takes its key as ANTHROPIC_AUTH_TOKEN and asks about an ANTHROPIC_API_KEY, which aider
 * and other SDKs need: it is set for everything else.
 */
export function toolEnv({ baseUrl, key, models, command = [] }: ToolEnvOptions): ToolEnv {
  const openai = `${baseUrl}/v1`
  const isClaude = command.some((word) => /(^|[\\/@])claude(-code)?(\.(exe|cmd|ps1))?$/i.test(word))
  const haiku = models.find((model) => isNamed(model, 'haiku'))
  return {
    set: {
      CAICAINI_BASE_URL: baseUrl,
      CAICAINI_API_KEY: key,
      ANTHROPIC_BASE_URL: baseUrl,
      ANTHROPIC_API_BASE: baseUrl,
      ANTHROPIC_AUTH_TOKEN: key,
      ...(isClaude ? {} : { ANTHROPIC_API_KEY: key }),
      // Without it Claude Code's small work would go to the large model.
      ...(haiku ? { ANTHROPIC_DEFAULT_HAIKU_MODEL: haiku.id } : {}),
      CLAUDE_CODE_GATEWAY_HINT_HEADERS: '1',
      OPENAI_BASE_URL: openai,
      OPENAI_API_BASE: openai,
      OPENAI_API_KEY: key,
      OPENCODE_CONFIG_CONTENT: JSON.stringify(opencodeConfig(openai, models))
    },
    unset: isClaude ? ['ANTHROPIC_API_KEY'] : []
  }
}

/** opencode merges this over its files: a provider more, nothing less (its docs, config). */
function opencodeConfig(baseURL: string, models: ToolEnvOptions['models']) {
  const ids = models.filter(({ serves }) => serves === undefined).map(({ id }) => [id.replace(/^caicaini\//, ''), {}])
  const options = { baseURL, apiKey: '{env:CAICAINI_API_KEY}' }
  const provider = { npm: '@ai-sdk/openai-compatible', name: 'Caicaini', options, models: Object.fromEntries(ids) }
  return { provider: { caicaini: provider } }
}

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof SHELLS)[number]

/** Lines that a shell evaluates. */
export function shellLines({ set, unset }: ToolEnv, shell: Shell): string {
  const lines = [
    ...unset.map((name) => unsetLine(name, shell)),
    ...Object.entries(set).map(([name, value]) => setLine(name, value, shell))
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function unsetLine(name: string, shell: Shell): string {
  if (shell === 'fish') return `set -e ${name}`
  return shell === 'powershell' ? `Remove-Item Env:${name} -ErrorAction Ignore` : `unset ${name}`
}

function setLine(name: string, value: string, shell: Shell): string {
  switch (shell) {
    case 'bash':
    case 'zsh':
      return `export ${name}='${value.replaceAll("'", "'\\''")}'`
    case 'fish':
      return `set -gx ${name} '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
    case 'powershell':
      return `$env:${name} = '${value.replaceAll("'", "''")}'`
  }
}

/** The shell that is likely to read what is printed. */
export function shellOf(env: { readonly SHELL?: string | undefined }, platform: NodeJS.Platform): Shell {
  const name = env.SHELL?.split('/').at(-1)
  return SHELLS.find((shell) => shell === name) ?? (platform === 'win32' ? 'powershell' : 'bash')
}
