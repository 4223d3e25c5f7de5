import { quantile } from '../lib/stats.js'
import { bodyOf, headersOf } from './prompts.js'

const ROUNDS = 40
const TURNS = 40

/** Milliseconds a decision takes: of the prompts as they are, of text that is hard on patterns, and at the end of an agent's run of 120 messages. */
export function* timeDecisions(prompts, { router, catalog, nowMs }) {
  const pins = router.createPins()
  const available = () => true
  const timeOf = (body, prompt) => {
    const pinned = { asker: { accountId: prompt.id, headers: headersOf(prompt) }, pins }
    const before = performance.now()
    const { pin } = router.chooseModel({ body, catalog, nowMs, available, pinned })
    if (pin) pins.set(pin)
    return performance.now() - before
  }
  const bodies = prompts.map((prompt) => ({ prompt, body: bodyOf(prompt) }))
  yield { what: 'a decision, one message', ...measure(bodies, timeOf) }
  const hostile = ['1-'.repeat(50_000), `${'\n'.repeat(50_000)}x`, 'hi '.repeat(30_000), '<a>'.repeat(30_000)]
  const odd = hostile.map((prompt, i) => ({ prompt: { id: `odd-${i}`, prompt }, body: bodyOf({ prompt }) }))
  yield { what: 'a decision, 100 kB meant to be slow', ...measure(odd, timeOf) }
  const runs = prompts.map((prompt) => ({ prompt, body: longRun(prompt) }))
  const bytes = JSON.stringify(runs[0].body).length
  yield { what: `a decision, a run of ${Math.round(bytes / 1000)} kB`, ...measure(runs, timeOf) }
}

function measure(bodies, timeOf) {
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    const warm = round >= ROUNDS / 4
    for (const { body, prompt } of bodies) {
      const ms = timeOf(body, prompt)
      if (warm) times.push(ms)
    }
  }
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

/** A conversation with tools as an agent sends it, the prompt being the newest of its messages. */
function longRun({ prompt }) {
  const messages = [{ role: 'user', content: 'Look after this repository.' }]
  for (let i = 0; i < TURNS; i++) {
    const id = `toolu_${i}`
    const input = { command: `sed -n ${i},${i + 80}p src/file-${i}.ts` }
    messages.push({ role: 'assistant', content: [{ type: 'tool_use', id, name: 'bash', input }] })
    const content = `export function f${i}(value: string): number { return value.length }\n`.repeat(60)
    messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content }] })
    messages.push({ role: 'assistant', content: [{ type: 'text', text: 'That file is as expected. '.repeat(8) }] })
  }
  messages.push({ role: 'user', content: prompt })
  const tools = [{ name: 'bash', description: 'Runs a command. '.repeat(200), input_schema: { type: 'object' } }]
  return { model: 'auto', max_tokens: 4096, system: 'You are an agent. '.repeat(800), messages, tools }
}
