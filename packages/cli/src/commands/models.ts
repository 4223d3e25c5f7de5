import type { Model, ModelStatus, Plan } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { sinceText } from '../lib/degraded.js'
import { isNamed } from '../lib/estimate.js'
import { fittingTable } from '../lib/format.js'
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
  // What stands beside the models: an answer without it is better than none.
  const [models, status, plans] = await Promise.all([
    api.models(),
    json ? undefined : api.status(),
    json ? undefined : api.plans().catch(() => undefined)
  ])
  const plan = plans?.find(({ current }) => current)
  const states = new Map(status?.models.map((each) => [each.id, each]))
  if (json) return context.io.out(toJsonLine({ models }))
  context.io.out(
    fittingTable(
      [
        { title: 'MODEL' },
        { title: 'ALSO', drop: 4 },
        { title: 'IN', align: 'right' },
        { title: 'OUT', align: 'right' },
        { title: 'CONTEXT', align: 'right', drop: 3 },
        { title: 'ABOUT', shortenTo: 24, drop: 2 }
      ],
      models.map((model) => row(model, { status: states.get(model.id), plan })),
      context.io.columns
    )
  )
  context.io.err(context.io.dim('Prices in credits per million tokens; 1,000 credits are 1 US dollar.\n'))
}

function row(model: Model, { status, plan }: { status?: ModelStatus | undefined; plan: Plan | undefined }): string[] {
  const { id, aliases, price, context_window, description, serves } = model
  const [input, output] = price ? [showCredits(price.input), showCredits(price.output)] : ['–', '–']
  const about = serves === undefined ? description : `${serves}${piecesText(price)}: ${description}`
  return [
    id,
    aliases.join(', '),
    input,
    output,
    grouped(context_window),
    markOf(status) + planMark(model, plan) + about
  ]
}

/** Only where it matters to who is about to choose. */
function markOf(status: ModelStatus | undefined): string {
  return status?.state === 'degraded' ? `[degraded${sinceText(status)}] ` : ''
}

/** Only where it would be refused. */
function planMark(model: Model, plan: Plan | undefined): string {
  if (!plan || plan.models === 'all' || plan.models.some((name) => isNamed(model, name))) return ''
  return `[not in ${plan.display_name}] `
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
