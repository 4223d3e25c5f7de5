import type { CommandFile } from '../../command-table.js'
import { candidates, type Table } from '../../completion/candidates.js'
import type { Context } from '../../context.js'
import { neutraliseLine } from '../../lib/sanitize.js'

export interface Options {
  /** With what each word is, behind a tab. */
  readonly about?: boolean
  /** What is completed is the word after those given. */
  readonly next?: boolean
}

/** The command over all commands, which it cannot know by itself: they know it. */
export function wordsOf(table: Table): CommandFile {
  return {
    define(command, context) {
      command
        .argument('[words...]', 'the line so far, the last word unfinished; put -- before it')
        .option('--about', 'say what each is, behind a tab')
        .option('--next', 'the words are finished: what could follow them')
        .action((words: string[], options: Options) => run(words, options, { table, context: context() }))
    }
  }
}

export async function run(
  words: readonly string[],
  { about, next }: Options,
  { table, context }: { table: Table; context: Context }
): Promise<void> {
  const found = await candidates(next || words.length === 0 ? [...words, ''] : words, { table, context })
  const lines = found.map((one) => (about ? `${one.word}\t${neutraliseLine(one.about)}` : one.word))
  context.io.out(lines.map((line) => `${line}\n`).join(''))
}
