import type { Balance, Model } from '@caicaini/protocol/api'
import type { Context } from '../../context.js'
import type { ApiClient } from '../../lib/api-client.js'
import { askForKey } from '../../lib/ask-for-key.js'
import type { Credits } from '../state/session.js'

/** Whose chat it is: the client in use, which changes when one signs in again, and what it has told. */
export interface Account {
  api(): ApiClient
  /** Models that answer in a chat, asked for once. */
  models(): Promise<readonly Model[]>
  /** The same where it was told by now. */
  knownModels(): readonly Model[]
  balance(): Promise<Credits>
  /** Whether another key can be had from here: not for the owner of this machine, nor where the environment sets one. */
  readonly canSignIn: boolean
  /** Another key, approved in a browser; `tell` shows where. Rejects when it was refused, late or stopped. */
  signInAgain(options: { tell: (text: string) => void; signal: AbortSignal }): Promise<void>
}

export function createAccount(context: Context, first: ApiClient): Account {
  let api = first
  let asked: Promise<readonly Model[]> | undefined
  let known: readonly Model[] = []
  const target = context.target()
  const models = () => {
    asked ??= api.models().then(
      (all) => {
        // What serves something else has a route of its own.
        known = all.filter(({ serves }) => serves === undefined)
        return known
      },
      (error) => {
        asked = undefined
        throw error
      }
    )
    return asked
  }
  return {
    api: () => api,
    models,
    knownModels: () => known,
    balance: async () => creditsOf(await api.balance()),
    canSignIn: target.kind === 'remote' && !context.keys().fromEnvironment,
    async signInAgain({ tell, signal }) {
      if (target.kind !== 'remote') return
      const { baseUrl } = target
      const keys = context.keys()
      const { place } = keys.probe()
      const told = { ...context, io: { ...context.io, err: tell } }
      const { key } = await askForKey(told, { baseUrl, browser: true, signal })
      keys.save(baseUrl, key, place)
      api = await context.connect(target, key)
    }
  }
}

export function creditsOf({ balance, subscription, topup }: Balance): Credits {
  return { total: balance, subscription, topup }
}
