import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { interrupted } from './cli-error.js'
import type { Io } from './io.js'

/** Questions to whoever sits at the terminal. */
export interface Questions {
  /** The line that is typed; a `hidden` one is not shown. Rejects with the reason of `stop` once that is aborted. */
  ask(question: string, options?: { readonly hidden?: boolean }): Promise<string>
  /** Gives the terminal back as it was. */
  close(): void
}

/**
 * Takes the terminal for as long as there are questions: nothing that is typed between them is shown, and it is the
 * answer to the next one. Ctrl-C and Ctrl-D abort `stop`.
 */
export function openQuestions({ io, stop }: { io: Io; stop: AbortController }): Questions {
  const { stdin, stderr } = io.streams
  let isShown = false
  const echo = new Writable({
    write(chunk, _encoding, done) {
      if (isShown) stderr.write(chunk)
      done()
    }
  })
  const output = Object.defineProperty(echo, 'columns', { get: () => stderr.columns })
  // No history: the arrow keys must not show a password that was typed before.
  const lines = createInterface({ input: stdin, output, terminal: true, historySize: 0 })
  const typed: string[] = []
  let answer: ((line: string) => void) | undefined
  const close = () => {
    lines.off('close', end).close()
    stdin.pause()
  }
  // The terminal is given back at once: another Ctrl-C must not have to wait for what is ended yet.
  const end = () => {
    stop.abort(interrupted())
    close()
  }
  const take = (line: string) => {
    // At once: the next line may be in the same chunk, and a password.
    isShown = false
    const given = answer
    answer = undefined
    if (given) given(line)
    else typed.push(line)
  }
  lines.on('line', take).on('SIGINT', end).on('close', end)

  function nextLine(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const fail = () => reject(stop.signal.reason)
    stop.signal.addEventListener('abort', fail, { once: true })
    answer = resolve
    return promise.finally(() => stop.signal.removeEventListener('abort', fail))
  }

  return {
    async ask(question, { hidden = false } = {}) {
      stop.signal.throwIfAborted()
      const before = typed.shift()
      if (before !== undefined || hidden) stderr.write(question)
      else {
        isShown = true
        lines.setPrompt(question)
        lines.prompt(true)
      }
      try {
        return before ?? (await nextLine())
      } finally {
        // Shown lines have theirs from readline; one that was cut off has none.
        if (before !== undefined || hidden || stop.signal.aborted) stderr.write('\n')
        isShown = false
      }
    },
    close
  }
}
