import type { Model, ModelStatus } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { sinceText } from '../lib/degraded.js'
import { table } from '../lib/format.js'
import { grouped, showCredits } from '../lib/money-text.js'
import { toJsonLine } from '../lib/sanitize.js'

export interface Options {
  readonly json?: boolean
}

export function define(command: Command, context: () => Context): void {
  command.option('--json', 'the list as JSON').action((options: Options) => run(options, context()))
}

export async function run({ json }: Options, context: Context): Promise<void> {
  const api = await context.api()
  const [models, status] = await Promise.all([api.models(), json ? undefined : api.status()])
  const states = new Map(status?.models.map((each) => [each.id, each]))
  if (json) return context.io.out(toJsonLine({ models }))
  context.io.out(
    table(
      [
        { title: 'MODEL' },
        { title: 'ALSO' },
        { title: 'IN', align: 'right' },
        { title: 'OUT', align: 'right' },
        { title: 'CONTEXT', align: 'right' },
        { title: 'ABOUT' }
      ],
      models.map((model) => row(model, states.get(model.id)))
    )
  )
  context.io.err(context.io.dim('Prices in credits per million tokens; 1,000 credits are 1 US dollar.\n'))
}

function row({ id, aliases, price, context_window, description, serves }: Model, status?: ModelStatus): string[] {
  const [input, output] = price ? [showCredits(price.input), showCredits(price.output)] : ['–', '–']
  const about = serves === undefined ? description : `${serves}${piecesText(price)}: ${description}`
  return [id, aliases.join(', '), input, output, grouped(context_window), markOf(status) + about]
}

/** Only where it matters to who is about to choose. */
function markOf(status: ModelStatus | undefined): string {
  return status?.state === 'degraded' ? `[degraded${sinceText(status)}] ` : ''
}

/** What a model of another kind costs by the piece, such as `, 40 credits each image`. */
function piecesText(price: Model['price']): string {
  const { per_image, per_character, per_audio_second } = price ?? {}
  const pieces = [
    [per_image, 'image'],
    [per_character, 'character'],
    [per_audio_second, 'second']
  ] as const
  return pieces.map(([each, piece]) => (each === undefined ? '' : `, ${each} credits each ${piece}`)).join('')
}
