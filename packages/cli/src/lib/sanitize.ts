/*
 * A model's answer, a server's message or somebody's key name may hold escape sequences that move
 * the cursor, retitle the window or write the clipboard. Every control character but newline and tab
 * is shown instead of obeyed. Each character stands for itself, so a cut between two chunks is harmless.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
const DELETE = 0x7f
const CONTROL_PICTURES = 0x2400

/** `text` with its control characters made visible: ESC becomes `␛`, U+009B `\x9b`. */
export function neutralise(text: string): string {
  return text.replace(CONTROLS, (character) => {
    const code = character.charCodeAt(0)
    if (code < 0x20) return String.fromCharCode(CONTROL_PICTURES + code)
    return code === DELETE ? '␡' : `\\x${code.toString(16)}`
  })
}

/** The same for a value that must stay on one line: a table cell, an error message's field. */
export function neutraliseLine(text: string): string {
  return neutralise(text.replace(/\s+/g, ' '))
}

/** JSON on one line, with a newline; DEL and the C1 controls, which JSON lets through, escaped. */
export function toJsonLine(value: unknown): string {
  const text = JSON.stringify(value).replace(
    /[\u007f-\u009f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
  return `${text}\n`
}
