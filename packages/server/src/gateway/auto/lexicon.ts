import { LISTS, type ListName } from './words.js'

/** Scripts that put no spaces between words, and Korean, whose particles hang on to them. */
const UNSPACED = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/u
const WORD = /[\p{L}\p{N}']+/gu
const PREFIX_CHARS = 3

interface Phrase {
  readonly list: ListName
  readonly words: readonly string[]
  /** Whether its last word may go on. */
  readonly isOpen: boolean
}

const { byFirstWord, byPrefix, anywhere } = compile()

/** How many different phrases of each list stand in the text; one look at each word, however many phrases there are. */
export function countPhrases(text: string): Readonly<Record<ListName, number>> {
  const found = new Set<string>()
  const counts = Object.fromEntries(Object.keys(LISTS).map((name) => [name, 0])) as Record<ListName, number>
  const note = (list: ListName, phrase: string) => {
    const key = `${list} ${phrase}`
    if (found.has(key)) return
    found.add(key)
    counts[list]++
  }
  const tokens = text.match(WORD) ?? []
  for (const [at, token] of tokens.entries()) {
    for (const phrase of byFirstWord.get(token) ?? []) {
      if (standsAt(phrase, tokens, at)) note(phrase.list, phrase.words.join(' '))
    }
    for (const phrase of byPrefix.get(token.slice(0, PREFIX_CHARS)) ?? []) {
      if (standsAt(phrase, tokens, at)) note(phrase.list, phrase.words.join(' '))
    }
  }
  if (UNSPACED.test(text)) {
    for (const { list, part } of anywhere) if (text.includes(part)) note(list, part)
  }
  return counts
}

function standsAt({ words, isOpen }: Phrase, tokens: readonly string[], at: number): boolean {
  return words.every((word, i) => {
    const token = tokens[at + i]
    return token === word || (isOpen && i === words.length - 1 && token?.startsWith(word) === true)
  })
}

function compile() {
  const byFirstWord = new Map<string, Phrase[]>()
  const byPrefix = new Map<string, Phrase[]>()
  const anywhere: { readonly list: ListName; readonly part: string }[] = []
  for (const [name, text] of Object.entries(LISTS)) {
    const list = name as ListName
    for (const entry of text.split(',').map((each) => each.trim())) {
      if (UNSPACED.test(entry)) {
        anywhere.push({ list, part: entry })
        continue
      }
      const isOpen = entry.endsWith('*')
      const words = entry.replace(/\*$/, '').split(/\s+/)
      const [first = ''] = words
      // An open word that is the only one is not known whole: it is found by how it begins.
      if (isOpen && words.length === 1) add(byPrefix, first.slice(0, PREFIX_CHARS), { list, words, isOpen })
      else add(byFirstWord, first, { list, words, isOpen })
    }
  }
  return { byFirstWord, byPrefix, anywhere }
}

function add(index: Map<string, Phrase[]>, key: string, phrase: Phrase): void {
  index.set(key, [...(index.get(key) ?? []), phrase])
}
