import { type Dispatch, useEffect, useRef, useState } from 'react'
import type { Context } from '../context.js'
import type { ApiClient } from '../lib/api-client.js'
import { interrupted } from '../lib/cli-error.js'
import { send } from './send.js'
import type { Action, Ending, Session } from './session.js'
import { carryOut, type SlashCommand } from './slash-commands.js'

export interface ConversationDeps {
  readonly context: Context
  readonly api: ApiClient
  readonly system: string | undefined
  readonly session: Session
  readonly dispatch: Dispatch<Action>
  /** Aborted when the process is asked to end. */
  readonly ending: AbortSignal
  /** Called with the last state once the chat is over. */
  readonly onLeave: (session: Session) => void
}

export interface Conversation {
  readonly running: boolean
  /** Sends a message; resolves with how its answer ended. */
  ask(text: string): Promise<Ending>
  /** Stops the answer that is under way. */
  stop(): void
  /** Stops it, waits until its cost is known, and leaves. */
  leave(): Promise<void>
  command(command: SlashCommand): Promise<void>
}

/** What the chat does, apart from how it looks. */
export function useConversation(deps: ConversationDeps): Conversation {
  const { context, api, system, session, dispatch, ending, onLeave } = deps
  const current = useRef<{ controller: AbortController; done: Promise<Ending> } | undefined>(undefined)
  const [leaving, setLeaving] = useState(false)

  const ask = async (text: string) => {
    const controller = new AbortController()
    const { turns, model } = session
    const done = send({ text, model, turns, system }, { ...context, api, dispatch, signal: controller.signal })
    current.current = { controller, done }
    const how = await done
    current.current = undefined
    return how
  }
  const stop = () => {
    if (!current.current || current.current.controller.signal.aborted) return
    dispatch({ type: 'stopping' })
    current.current.controller.abort(interrupted())
  }
  const leave = async () => {
    stop()
    await current.current?.done
    setLeaving(true)
  }
  // After the last state was rendered, so that its cost is among what is left behind.
  useEffect(() => {
    if (leaving) onLeave(session)
  }, [leaving, session, onLeave])
  useEffect(() => {
    const end = () => void leave()
    ending.addEventListener('abort', end)
    return () => ending.removeEventListener('abort', end)
  })
  const command = async (what: SlashCommand) => {
    if (what.name === 'quit') return leave()
    for (const action of await carryOut(what, { api, session })) dispatch(action)
  }
  return { running: session.live !== undefined, ask, stop, leave, command }
}
