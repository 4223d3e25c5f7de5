/**
 * Reads the `input` out of the arguments of a freeform tool's call while they come, however they are cut: `{"input": "…"}`, where
 * blank space and other members may stand first, and what stands behind is left out. Arguments of any other kind are the input
 * themselves, word for word. The same text comes out of every way to cut the arguments.
 */
export interface InputReader {
  /** What of the input can be told now. */
  add(text: string): string
  /** What is left of it: nothing more will come. */
  end(): string
}

/** Where the reader stands: before the input's text, in it, behind it, or in arguments that hold none. */
type State = 'start' | 'member' | 'name' | 'colon' | 'value' | 'other' | 'text' | 'behind' | 'raw'
/** Those in which it is clear what the arguments are. */
const CLEAR: ReadonlySet<State> = new Set(['text', 'behind', 'raw'])

const WHOLE_ESCAPE = /\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/y
const BEGUN_ESCAPE = /\\(?:u[0-9a-fA-F]{0,3})?$/y

export function createInputReader(): InputReader {
  let state: State = 'start'
  /** All that came, until it is clear what it is. */
  let head = ''
  let cut = ''
  const step = createHeadReader()
  const whole = createPairs()

  function decode(text: string): string {
    const { decoded, rest, isOver } = decodeString(cut + text)
    cut = rest
    if (isOver) state = 'behind'
    return decoded
  }

  function read(text: string): string {
    let at = 0
    while (at < text.length && !CLEAR.has(state)) state = step(state, text.charAt(at++))
    const known = head + text
    head = CLEAR.has(state) ? '' : known
    if (state === 'raw') return known
    return state === 'text' ? decode(text.slice(at)) : ''
  }

  return {
    add: (text) => whole.add(read(text)),
    // An escape that was broken off says nothing; a head that was, is all there is.
    end: () => whole.add(head) + whole.end()
  }
}

/** Steps through what may stand before the input's text, one character at a time. */
function createHeadReader() {
  let name = ''
  let depth = 0
  let inString = false
  let escaped = false

  /** Whether the string that is open ends here. */
  function endsString(character: string): boolean {
    if (escaped) escaped = false
    else if (character === '\\') escaped = true
    else if (character === '"') inString = false
    return !inString
  }

  function skip(character: string): State {
    if (inString) endsString(character)
    else if (character === '"') inString = true
    else if (character === '{' || character === '[') depth++
    else if (character === ',' && depth === 0) return 'member'
    else if (character === '}' || character === ']') {
      if (depth === 0) return 'raw'
      depth--
    }
    return 'other'
  }

  return (state: State, character: string): State => {
    if (state === 'other') return skip(character)
    if (state === 'name') {
      if (endsString(character)) return 'colon'
      name += character
      return 'name'
    }
    if (' \t\r\n'.includes(character)) return state
    switch (state) {
      case 'start':
        return character === '{' ? 'member' : 'raw'
      case 'member':
        name = ''
        inString = true
        return character === '"' ? 'name' : 'raw'
      case 'colon':
        return character === ':' ? 'value' : 'raw'
      case 'value':
        if (name === 'input') return character === '"' ? 'text' : 'raw'
        return skip(character)
      default:
        return state
    }
  }
}

/** The text of a JSON string up to its end, or to an escape that is not whole yet. What is no escape is taken as it stands. */
function decodeString(text: string): { decoded: string; rest: string; isOver: boolean } {
  let decoded = ''
  let at = 0
  for (;;) {
    const next = text.slice(at).search(/["\\]/)
    if (next === -1) return { decoded: decoded + text.slice(at), rest: '', isOver: false }
    decoded += text.slice(at, at + next)
    at += next
    if (text.charAt(at) === '"') return { decoded, rest: '', isOver: true }
    WHOLE_ESCAPE.lastIndex = at
    BEGUN_ESCAPE.lastIndex = at
    const [whole] = WHOLE_ESCAPE.exec(text) ?? []
    if (whole === undefined && BEGUN_ESCAPE.test(text)) return { decoded, rest: text.slice(at), isOver: false }
    decoded += whole === undefined ? '\\' : JSON.parse(`"${whole}"`)
    at += whole?.length ?? 1
  }
}

/** Holds back the first half of a character of two code units until the other is there: clients refuse halves. */
function createPairs(): { add(text: string): string; end(): string } {
  let half = ''
  return {
    add(text) {
      const all = half + text
      half = /[\ud800-\udbff]$/.exec(all)?.[0] ?? ''
      return all.slice(0, all.length - half.length).toWellFormed()
    },
    end: () => half.toWellFormed()
  }
}
