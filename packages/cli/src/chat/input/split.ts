import type { Key } from 'ink'

export type KeyPress = readonly [input: string, key: Key]

const NO_KEY = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false
} satisfies Key

/** Control characters that are keys of their own wherever they stand: not tab, newline and carriage return. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const KEYS = /([\u0001-\u0008\u000b\u000c\u000e-\u001a\u001f\u007f])/
const LAST_TAB = /^([^\t\r\n]+)\t$/

/**
 * Keys that arrived as one piece, as they do over a slow link: text and the control characters in it, one by one.
 * Lines stay together: whether they were typed or pasted is decided where they are taken.
 */
export function splitKeys(input: string, key: Key): readonly KeyPress[] {
  const isText = input.length > 1 && !key.ctrl && !key.meta && !key.escape
  if (!isText) return [[input, key]]
  return input
    .split(KEYS)
    .filter((part) => part !== '')
    .flatMap((part): KeyPress[] => {
      if (KEYS.test(part)) return [controlKey(part)]
      // Enter right after such a key; among text it is told from a paste's end of line where that is taken.
      if (part === '\r') return [['', { ...NO_KEY, return: true }]]
      const completed = LAST_TAB.exec(part)?.[1]
      return completed === undefined
        ? [[part, key]]
        : [
            [completed, key],
            ['', { ...NO_KEY, tab: true }]
          ]
    })
}

/** 0x01 is Ctrl-A, and so on. */
function controlKey(character: string): KeyPress {
  if (character === '\u007f' || character === '\b') return ['', { ...NO_KEY, backspace: true }]
  if (character === '\u001f') return ['_', { ...NO_KEY, ctrl: true }]
  return [String.fromCharCode(character.charCodeAt(0) + 0x60), { ...NO_KEY, ctrl: true }]
}
