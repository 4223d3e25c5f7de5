import { invalid } from '../request/value.js'
import type { NeutralRequest, WireFormat } from './neutral.js'

/** What each client calls what a provider may lack, for a refusal that names the client's own field. */
const NAMES = {
  messages: {
    toolChoice: 'tool_choice',
    parallelToolCalls: 'tool_choice.disable_parallel_tool_use',
    stop: 'stop_sequences',
    topK: 'top_k',
    output: 'output_config.format',
    verbosity: 'output_config',
    effort: 'output_config.effort'
  },
  chat: {
    toolChoice: 'tool_choice',
    parallelToolCalls: 'parallel_tool_calls',
    stop: 'stop',
    topK: 'top_k',
    output: 'response_format',
    verbosity: 'verbosity',
    effort: 'reasoning_effort'
  },
  responses: {
    toolChoice: 'tool_choice',
    parallelToolCalls: 'parallel_tool_calls',
    stop: 'stop',
    topK: 'top_k',
    output: 'text.format',
    verbosity: 'text.verbosity',
    effort: 'reasoning.effort'
  }
} as const satisfies Record<WireFormat, Record<string, string>>

export type NamedField = keyof (typeof NAMES)['messages']

/** A refusal of what this model's provider lacks, by the client's own name for it. */
export function lacking({ from }: Pick<NeutralRequest, 'from'>, name: NamedField, mend: string) {
  return invalid(NAMES[from][name], `this model's provider has no such thing: ${mend}`)
}
