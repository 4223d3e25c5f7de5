import { EXIT } from '@caicaini/protocol'
import { type Dispatch, useEffect } from 'react'
import type { ApiClient } from '../lib/api-client.js'
import { CliError } from '../lib/cli-error.js'
import type { Action } from './session.js'

/** Learns whose chat this is and what is left, while the user may already type. */
export function useOpening(api: ApiClient, dispatch: Dispatch<Action>, exit: (error: Error) => void): void {
  useEffect(() => {
    const open = async () => {
      try {
        const [{ account, notice }, { balance }] = await Promise.all([api.self(), api.balance()])
        dispatch({ type: 'opened', plan: account.plan, balance, notice })
      } catch (error) {
        // Without a valid key there is nothing to chat with.
        if (error instanceof CliError && error.exit === EXIT.auth) exit(error)
        else dispatch({ type: 'error', text: (error as Error).message })
      }
    }
    void open()
  }, [api, dispatch, exit])
}
