import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resolveModel } from './catalog.js'
import defaults from './default-catalog.json' with { type: 'json' }
import { loadCatalog, parseCatalog } from './load.js'
import { editDistance } from './nearest.js'

const catalog = loadCatalog({ readFile: () => '' })
const nowMs = Date.UTC(2026, 10, 21)

describe('resolveModel', () => {
  test.each([
    ['opus', 'claude-opus-4-7'],
    ['caicaini/sonnet', 'claude-sonnet-4-6'],
    ['claude-haiku-4-5', 'claude-haiku-4-5'],
    ['kimi', 'kimi-k2.5']
  ])('%s is %s', (asked, id) => {
    expect(resolveModel(catalog, asked, nowMs)).toMatchObject({ kind: 'model', model: { id } })
  })

  test('auto, with and without the prefix, is the router', () => {
    expect(resolveModel(catalog, 'auto', nowMs)).toEqual({ kind: 'auto' })
    expect(resolveModel(catalog, 'caicaini/auto', nowMs)).toEqual({ kind: 'auto' })
  })

  test('an unknown name gets the names it could have meant, nearest first', () => {
    expect(resolveModel(catalog, 'hiaku', nowMs)).toEqual({ kind: 'unknown', nearest: ['haiku'] })
    expect(resolveModel(catalog, 'cloude-opus-4-7', nowMs)).toMatchObject({ nearest: ['claude-opus-4-7'] })
    expect(resolveModel(catalog, 'Opus', nowMs)).toMatchObject({ kind: 'unknown', nearest: ['opus'] })
    expect(resolveModel(catalog, 'x'.repeat(256), nowMs)).toEqual({ kind: 'unknown', nearest: [] })
  })

  test('a name of a family is served as its model, and asked of the provider as it is', () => {
    const of = (name: string) => {
      const resolved = resolveModel(catalog, name, nowMs)
      return resolved.kind === 'model' ? `${resolved.model.id} ${resolved.upstreamId}` : resolved.kind
    }
    expect(of('claude-opus-4-8')).toBe('claude-opus-4-7 claude-opus-4-8')
    expect(of('claude-haiku-4-5-20251001')).toBe('claude-haiku-4-5 claude-haiku-4-5-20251001')
    // Older ones of the same name cost three times as much.
    expect(of('claude-opus-4-1-20250805')).toBe('unknown')
    expect(of('claude-opus-4-20250514')).toBe('unknown')
    expect(of('claude-opus')).toBe('unknown')
  })

  test('names of Object.prototype are unknown like any other', () => {
    expect(resolveModel(catalog, 'constructor', nowMs)).toMatchObject({ kind: 'unknown' })
    expect(resolveModel(catalog, '__proto__', nowMs)).toMatchObject({ kind: 'unknown' })
  })

  test('a retired model names its successor from its last day on, not before', () => {
    const file = structuredClone(defaults) as ReturnType<typeof JSON.parse>
    file.models[4].retired = { at: '2027-01-01', successor: 'kimi-k2.5' }
    const changed = parseCatalog(file, 'catalog.json')
    expect(resolveModel(changed, 'deepseek-chat', Date.UTC(2026, 11, 31))).toMatchObject({ kind: 'model' })
    expect(resolveModel(changed, 'deepseek-chat', Date.UTC(2027, 0, 1))).toMatchObject({
      kind: 'retired',
      successor: 'kimi-k2.5'
    })
  })
})

test('the edit distance is a metric', () => {
  const word = fc.string({ maxLength: 8 })
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a))
      expect(editDistance(a, b) === 0).toBe(a === b)
      expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c))
    })
  )
})
