import { createInterface } from 'node:readline'
import type { Io } from './io.js'

/** Asks on the terminal; anything but y or yes is a no, and so is the end of the input. */
export function confirmed(question: string, { streams }: Pick<Io, 'streams'>): Promise<boolean> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: streams.stdin, output: streams.stderr })
    lines.on('close', () => resolve(false))
    lines.question(`${question} [y/N] `, (answer) => {
      resolve(/^y(es)?$/i.test(answer.trim()))
      lines.close()
    })
  })
}
