/*
 * The texts that `bench:estimate` measures on: this repository's own files, and texts written for it in
 * texts/. What is generated comes from a fixed seed. Half of each kind is for tuning.
 */
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Longer files are read up to here: one of them must not outweigh all others. */
const CHARS_MAX = 6_000
const PIECE_CHARS = 200

const FILES = {
  english: ['docs/*.md', 'docs/decisions/00*.md', 'README.md', 'bench/estimate/texts/en-*.txt'],
  chinese: ['bench/estimate/texts/zh-*.txt'],
  code: [
    'packages/server/src/{gateway,ledger,keys}/*.ts',
    'packages/cli/src/lib/*.ts',
    'scripts/*.js',
    'packages/server/test-clients/*.py',
    'bench/estimate/texts/*.{py,sh,sql,html}'
  ],
  japanese: ['bench/estimate/texts/ja.txt'],
  korean: ['bench/estimate/texts/ko.txt'],
  'other Latin': ['bench/estimate/texts/european.txt'],
  cyrillic: ['bench/estimate/texts/ru.txt'],
  arabic: ['bench/estimate/texts/ar.txt'],
  'Indic, Thai': ['bench/estimate/texts/{hi,th}.txt'],
  emoji: ['bench/estimate/texts/emoji.txt']
}

/** Kinds that the error is promised for; the others are shown. */
export const MAIN_KINDS = ['english', 'chinese', 'code', 'json']

export function readCorpus() {
  const files = Object.entries(FILES).flatMap(([kind, patterns]) =>
    patterns.flatMap((pattern) =>
      globSync(pattern, { cwd: root })
        .map((name) => name.replaceAll('\\', '/'))
        .toSorted()
        .filter((name) => !name.endsWith('.test.ts'))
        .flatMap((name) => pieces(kind, name, read(name)))
    )
  )
  const made = [...json(), ...raw()].map(([kind, name, text]) => ({ kind, name, text }))
  return halved([...files, ...made])
}

function read(name) {
  return readFileSync(`${root}/${name}`, 'utf8').slice(0, CHARS_MAX)
}

/** Written prose is cut at line ends: so both halves have every script. */
function pieces(kind, name, text) {
  if (!name.includes('/texts/') || kind === 'code') return [{ kind, name, text }]
  const parts = ['']
  for (const line of text.trimEnd().split('\n')) {
    if (parts.at(-1).length >= PIECE_CHARS) parts.push('')
    parts.push(`${parts.pop()}${line}\n`)
  }
  return parts.map((part, i) => ({ kind, name: `${name} ${i + 1}`, text: part }))
}

/** Every other text of its kind. */
function halved(texts) {
  const seen = new Map()
  return texts.map((text) => {
    const count = seen.get(text.kind) ?? 0
    seen.set(text.kind, count + 1)
    return { ...text, half: count % 2 === 0 ? 'tune' : 'held-out' }
  })
}

/** JSON as it is sent: catalogs, schemas of tools, their calls and results, with and without white space. */
function* json() {
  const catalog = JSON.parse(readFileSync(`${root}/packages/server/src/catalog/default-catalog.json`, 'utf8'))
  yield ['json', 'catalog, indented', JSON.stringify(catalog, null, 2).slice(0, CHARS_MAX)]
  yield ['json', 'catalog', JSON.stringify(catalog).slice(0, CHARS_MAX)]
  yield ['json', 'package-lock.json', read('package-lock.json')]
  yield ['json', 'biome.json', read('biome.json')]
  const tools = ['read_file', 'search', 'run_command', 'create_ticket'].map(toolNamed)
  yield ['json', 'tools', JSON.stringify(tools)]
  yield ['json', 'tools, indented', JSON.stringify(tools, null, 2)]
  yield ['json', 'tool calls', JSON.stringify(Array.from({ length: 12 }, (_, i) => toolCall(i)))]
  yield ['json', 'openapi', JSON.stringify({ openapi: '3.1.0', paths: Object.fromEntries(tools.map(pathOf)) }, null, 2)]
  const orders = Array.from({ length: 30 }, (_, i) => orderAt(i))
  yield ['json', 'orders', JSON.stringify(orders)]
  yield ['json', 'orders, indented', JSON.stringify(orders.slice(0, 12), null, 4)]
}

function toolNamed(name) {
  return {
    name,
    description: `Use ${name.replace('_', ' ')} when the user asks for it. Answers with at most 200 lines; says so where it has cut.`,
    input_schema: {
      type: 'object',
      properties: {
        path: { type: 'string', description: 'Where to look, relative to the root of the repository' },
        limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
        mode: { type: 'string', enum: ['plain', 'regex', 'glob'] },
        tags: { type: 'array', items: { type: 'string' }, maxItems: 8 }
      },
      required: ['path'],
      additionalProperties: false
    }
  }
}

function toolCall(i) {
  const id = `toolu_01${digest(`call ${i}`).slice(0, 22)}`
  return {
    role: 'assistant',
    content: [
      { type: 'text', text: 'I will look at the file first, then run its tests.' },
      { type: 'tool_use', id, name: 'run_command', input: { command: `sed -n '${i * 40},${i * 40 + 40}p' src/app.ts` } }
    ]
  }
}

function pathOf({ name, input_schema: schema }) {
  const content = { 'application/json': { schema } }
  return [`/tools/${name}`, { post: { operationId: name, requestBody: { content }, responses: { 200: { content } } } }]
}

function orderAt(i) {
  const cents = (i * 7_919 + 1_234) % 100_000
  return {
    id: digest(`order ${i}`, 'hex').slice(0, 24),
    created_at: new Date(1_780_000_000_000 + i * 86_461_000).toISOString(),
    customer: { email: `customer.${i}@example.com`, country: ['DE', 'CN', 'US', 'BR'][i % 4] },
    total: cents / 100,
    paid: i % 3 !== 0,
    note: i % 5 === 0 ? null : 'Leave it with the neighbour, please.'
  }
}

/** What is no language: figures, encoded bytes, identifiers, white space. */
function* raw() {
  const rows = Array.from({ length: 60 }, (_, i) => [i, (i * 104_729) % 9_973, ((i * 31_337) % 1_000) / 7, 1e6 + i * i])
  yield ['numbers', 'table', `id,count,ratio,total\n${rows.map((row) => row.join(',')).join('\n')}`]
  yield [
    'numbers',
    'log',
    rows
      .map(([i, n]) => `2026-11-${10 + (i % 20)}T0${i % 10}:15:${10 + (i % 50)}Z 10.0.${i}.${n % 256} ${n} ms`)
      .join('\n')
  ]
  yield ['base64', 'base64', Array.from({ length: 40 }, (_, i) => digest(`bytes ${i}`)).join('')]
  yield ['base64', 'hex', Array.from({ length: 24 }, (_, i) => digest(`bytes ${i}`, 'hex')).join('\n')]
  yield [
    'base64',
    'identifiers',
    Array.from({ length: 40 }, (_, i) => `req_${digest(`id ${i}`, 'hex').slice(0, 32)}`).join('\n')
  ]
  yield [
    'white space',
    'indented',
    Array.from({ length: 60 }, (_, i) => `${' '.repeat((i % 9) * 4)}- item ${i}:`).join('\n')
  ]
  yield [
    'white space',
    'tabs',
    Array.from({ length: 60 }, (_, i) => `${'\t'.repeat(i % 7)}name_${i} = value;`).join('\n')
  ]
  yield [
    'white space',
    'markdown table',
    rows.map(([i, n]) => `| ${`row ${i}`.padEnd(16)} | ${String(n).padStart(10)} | ${'-'.repeat(12)} |`).join('\n')
  ]
  yield [
    'white space',
    'capitals',
    'THIS SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED. '.repeat(8)
  ]
}

function digest(text, encoding = 'base64') {
  return createHash('sha512').update(text).digest(encoding)
}
