import { creditsFromJson, type Receipt } from '@caicaini/protocol'
import type { MessageState } from '@caicaini/protocol/api'
import type { Place, Turns } from '../../conversations/turns.js'
import type { Principal } from '../../keys/key.js'
import type { Log } from '../../lib/log.js'
import { repeatKeyOf } from '../request/caller.js'
import type { ClientRequest } from '../request/client-request.js'
import { createAnswerReader } from './answer-reader.js'
import { lastUserMessage, placeOf } from './place.js'

/** Of a call that names a chat: what is kept of it. Nothing in here rejects, for no trouble with it may touch the answer or its bill. */
export interface Turn {
  /** Stores the call's message. Once, after its credits are held. */
  begin(): Promise<void>
  /** What the client is told of it, once it has begun: `saved`, or `unsaved` and why. */
  told(): string
  /** Bytes of a stream, as the client is given them. */
  given(bytes: Uint8Array): void
  /** An answer that was not streamed. */
  givenWhole(bytes: Uint8Array): void
  /** Stores what was delivered; null where its bill is not known. */
  end(receipt: Receipt | null): Promise<void>
}

export interface TurnAsk {
  readonly requestId: string
  readonly principal: Principal
  readonly headers: Pick<Headers, 'get'>
  readonly request: ClientRequest
}

export type OpenTurn = ReturnType<typeof createOpenTurn>

/** The turn of the chat that a call names, null where it names none; throws `AppError` where it may not stand there. */
export function createOpenTurn({ turns, log }: { turns: Turns; log: Log }) {
  return async (ask: TurnAsk): Promise<Turn | null> => {
    const place = placeOf(ask)
    if (place === null) return null
    const content = lastUserMessage(ask.request.body)
    await turns.check(place, repeatKeyOf(ask.headers) !== null)
    return createTurn({ turns, log, place, content, ask })
  }
}

interface TurnDeps {
  readonly turns: Turns
  readonly log: Log
  readonly place: Place
  readonly content: unknown
  readonly ask: TurnAsk
}

function createTurn({ turns, log, place, content, ask: { requestId, request } }: TurnDeps): Turn {
  const reader = createAnswerReader()
  const { promise: ended, resolve: noteEnd } = Promise.withResolvers<void>()
  let told = 'unsaved; failed'

  /** Of an error its kind alone is logged: its words might be the customer's. */
  function noteFailure(error: unknown): void {
    const kind = error instanceof Error ? ('code' in error ? error.code : error.name) : 'unknown'
    log.error({ request_id: requestId, error: String(kind) }, 'could not keep a turn of a chat')
  }

  function reading(read: () => void): void {
    try {
      read()
    } catch (error) {
      noteFailure(error)
    }
  }

  async function keep(receipt: Receipt | null): Promise<void> {
    const state = receipt === null ? 'failed' : STATES[receipt.status]
    const blocks = reader.blocks()
    if (told !== 'saved' || (blocks.length === 0 && state !== 'complete')) return
    const credits = receipt === null ? null : creditsFromJson(receipt.credits)
    await turns.answer({ place, requestId, state, blocks, model: receipt?.model_used ?? null, credits })
  }

  return {
    async begin() {
      turns.announce(place, ended)
      const { model, body } = request
      try {
        const saved = await turns.say({ place, requestId, model, system: body.system, content })
        told = saved === 'saved' ? 'saved' : `unsaved; ${saved}`
      } catch (error) {
        noteFailure(error)
      }
    },
    told: () => told,
    given: (bytes) => reading(() => reader.push(bytes)),
    givenWhole: (bytes) => reading(() => reader.whole(bytes)),
    end: (receipt) => keep(receipt).catch(noteFailure).finally(noteEnd)
  }
}

const STATES: Readonly<Record<Receipt['status'], MessageState>> = {
  complete: 'complete',
  aborted: 'stopped',
  failed: 'failed',
  released: 'failed'
}
