import type { Model, Plan } from '@caicaini/protocol/api'
import { isNamed } from '../../lib/estimate.js'
import { showCredits } from '../../lib/money-text.js'
import type { PickItem } from '../state/session.js'
import type { SlashCommand, Tools } from './command.js'

export const MODEL: readonly SlashCommand[] = [
  {
    name: 'model',
    takes: '[NAME]',
    about: 'choose the model; prices and what your plan includes',
    whileBusy: true,
    run: (name, tools) => (name === '' ? pickModel(tools) : chooseModel(name, tools))
  }
]

async function pickModel(tools: Tools): Promise<void> {
  const { account, dialogs, store } = tools
  const [models, plans] = await Promise.all([account.models(), account.api().plans()])
  const plan = plans.find(({ current }) => current)
  const items = models.map((model) => toItem(model, plan, store.get().model))
  const picked = await dialogs.pick('Which model? Credits per million tokens in and out.', items)
  if (picked !== undefined) set(picked, tools)
}

async function chooseModel(name: string, tools: Tools): Promise<void> {
  const models = await tools.account.models()
  if (!models.some((one) => isNamed(one, name))) throw new Error(`no model is named "${name}": /model lists them`)
  set(name, tools)
}

function set(name: string, { store, chat }: Tools): void {
  store.dispatch({ type: 'model', name })
  chat.say(`model ${name}`)
}

/** `haiku  1,000 in · 5,000 out · in use · not in your plan`. */
function toItem(model: Model, plan: Plan | undefined, current: string): PickItem {
  const name = shortName(model)
  const price = model.price
    ? `${showCredits(model.price.input)} in · ${showCredits(model.price.output)} out`
    : 'as chosen for each message'
  const included = !plan || plan.models === 'all' || plan.models.some((one) => isNamed(model, one))
  const remarks = [
    ...(isNamed(model, current) ? ['in use'] : []),
    ...(included ? [] : [`not in plan ${plan.name}`]),
    ...(model.capabilities.includes('images') ? ['images'] : [])
  ]
  return { value: name, label: name, detail: [price, ...remarks].join(' · ') }
}

/** The name that people type. */
export function shortName({ id, aliases }: Pick<Model, 'id' | 'aliases'>): string {
  return (aliases[0] ?? id).replace(/^caicaini\//, '')
}
