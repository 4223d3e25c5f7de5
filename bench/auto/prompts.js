import { readFileSync } from 'node:fs'

const PROMPTS_MIN = 200
const TIERS = ['small', 'middle', 'top']
/** `held-out 2` was written after the rules were done, and run once before its figures were written down. */
export const HALVES = ['tune', 'held-out', 'held-out 2']
const DIFFICULTIES = ['easy', 'mid', 'hard']

/** The labelled prompts, and what is wrong with them. */
export function readPrompts() {
  const text = readFileSync(new URL('prompts.jsonl', import.meta.url), 'utf8')
  const prompts = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  return { prompts, faults: [...faultsOf(prompts)] }
}

function* faultsOf(prompts) {
  const byId = new Map(prompts.map((prompt) => [prompt.id, prompt]))
  if (prompts.length < PROMPTS_MIN) yield `there are ${prompts.length} prompts, fewer than ${PROMPTS_MIN}`
  if (byId.size < prompts.length) yield 'two prompts have one id'
  for (const { id, label, half, difficulty, twin_of } of prompts) {
    if (!TIERS.includes(label)) yield `${id}: label ${label}`
    if (!HALVES.includes(half)) yield `${id}: half ${half}`
    if (!DIFFICULTIES.includes(difficulty)) yield `${id}: difficulty ${difficulty}`
    const twin = byId.get(twin_of)
    if (twin_of && (twin?.half !== half || twin?.label !== label)) yield `${id}: is no twin of ${twin_of}`
  }
}

/** The request that brings a prompt, as an agent's or a person's client sends it. */
export function bodyOf({ prompt, tools }) {
  const messages = [{ role: 'user', content: prompt }]
  return { model: 'auto', max_tokens: 4096, messages, ...(tools && { tools: [{ name: 'bash', input_schema: {} }] }) }
}

export function headersOf({ headers = {} }) {
  return new Headers(headers)
}
