import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { usageError } from '../../lib/cli-error.js'
import { readIfThere } from '../../lib/config.js'
import { openEditor } from '../../lib/editor.js'
import { templatePath, writeTemplate } from '../../lib/templates.js'

const SILENCE_MS = 3_000
const TEXT_BYTES_MAX = 1_000_000

export function define(command: Command, context: () => Context): void {
  command
    .argument('<name>', 'the template; a new name makes one')
    .addHelpText(
      'after',
      "\nExamples:\n  caicaini templates edit review\n  echo 'Review this:\\n{{input}}' | caicaini templates edit review"
    )
    .action((name: string) => run(name, context()))
}

/** In the user's editor, or with what is piped in. */
export async function run(name: string, context: Context): Promise<void> {
  const { io, clock } = context
  const path = templatePath(name, context)
  if (!io.stdinIsTty) {
    const text = await io.readStdin({
      clock,
      silenceMs: SILENCE_MS,
      onSilence: () => io.err('caicaini: waiting for the template on stdin until its end\n'),
      bytesMax: TEXT_BYTES_MAX,
      onTooMuch: () => usageError('a template has 1 MB at most')
    })
    if (!text.trim()) throw usageError('stdin was empty: a template needs a text')
    writeTemplate(name, text, context)
  } else {
    if (readIfThere(path) === undefined) writeTemplate(name, '{{input}}\n', context)
    await openEditor(path, context)
  }
  io.err(`${path}\n`)
}
