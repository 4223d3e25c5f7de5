import type { CreatedSession, SessionKey, Usage, UsageBy } from '@caicaini/protocol/api'
import type { createCaller } from './api-call.js'

export interface NewSession {
  readonly label: string
  /** The most that it may spend, in credits. */
  readonly cap: number
  readonly expires_in_s: number
  readonly repo?: string
  readonly branch?: string
}

export interface SessionCalls {
  /** A key that lives as long as one session, derived from the one in use. */
  startSession(session: NewSession): Promise<CreatedSession>
  /** Those of the key in use, newest first. */
  listSessions(): Promise<SessionKey[]>
  capSession(id: string, cap: number): Promise<SessionKey>
  endSession(id: string): Promise<SessionKey>
  /** What the key in use spent, by something. */
  usageOf(asked: { since: string; by: UsageBy }): Promise<Usage>
}

type Call = ReturnType<typeof createCaller>['call']

const PATH = '/api/keys/self/sessions'

export function createSessionCalls(call: Call): SessionCalls {
  const pathOf = (id: string) => `${PATH}/${encodeURIComponent(id)}`
  return {
    startSession: (session) => call('POST', PATH, { body: session, has: 'key' }),
    listSessions: async () => (await call<{ sessions: SessionKey[] }>('GET', PATH, { has: 'sessions' })).sessions,
    capSession: (id, cap) => call('PATCH', pathOf(id), { body: { cap }, has: 'cap' }),
    endSession: (id) => call('POST', `${pathOf(id)}/end`, { has: 'spent' }),
    usageOf: ({ since, by }) => call('GET', `/api/usage?${new URLSearchParams({ since, by })}`, { has: 'rows' })
  }
}
