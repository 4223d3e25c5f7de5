import type { NeutralRequest } from '../neutral.js'

/** A request with nothing special in it. */
export function request(over: Partial<NeutralRequest> = {}): NeutralRequest {
  return {
    from: 'messages',
    model: 'asked-model',
    system: [],
    turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
    tools: [],
    toolChoice: null,
    parallelToolCalls: null,
    maxTokens: 100,
    temperature: null,
    topP: null,
    topK: null,
    stop: ['END'],
    reasoning: null,
    output: null,
    verbosity: null,
    user: null,
    stream: true,
    includeUsage: true,
    echo: {},
    ...over
  }
}
