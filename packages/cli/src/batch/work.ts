import { EXIT, type Receipt } from '@caicaini/protocol'
import type { Context } from '../context.js'
import { type Answer, ask } from '../lib/answer.js'
import type { ApiClient } from '../lib/api-client.js'
import { CliError } from '../lib/cli-error.js'
import { sleep } from '../lib/clock.js'
import { contentTokens, textTokens } from '../lib/estimate.js'
import { settledReceipt } from '../lib/settled-receipt.js'
import type { Answered, Answers } from './answers.js'
import type { Job } from './input.js'
import { createPace, type Pace } from './pace.js'
import type { Counts } from './progress.js'

/** What ends a batch rather than a line: the next one would end the same way. */
const ENDS_ALL: readonly number[] = [EXIT.credits, EXIT.auth, EXIT.plan]
/** Lines in a row that nothing came back for: then nobody is there. */
const UNREACHABLE_MAX = 3
/** How often a line that is alone is tried against a rate limit that the headers do not explain. */
const LIMITED_MAX = 3
const LIMITED_WAIT_MS = 2_000

export interface Work {
  readonly jobs: readonly Job[]
  readonly answers: Answers
  readonly counts: Counts
  /** At most so many at once. */
  readonly atOnce: number
  /** Throws what ends the batch where this line should not begin any more; what it returns is called at its end. */
  readonly admit: (job: Job) => () => void
  readonly onChange: () => void
  /** Aborted: nothing new begins. */
  readonly stop: AbortSignal
}

type Deps = { readonly api: ApiClient; readonly context: Context }

/** Asks all that has no answer yet. Resolves with what ended it early; rejects when answers cannot be kept. */
export async function work(batch: Work, deps: Deps): Promise<unknown> {
  const queue = batch.jobs.filter(({ key }) => !batch.answers.known.has(key)).map((job) => ({ job, limited: 0 }))
  const pace = createPace(deps.context.clock)
  let allowed = batch.atOnce
  let unreachable = 0
  let ended: unknown
  const isOver = () => ended !== undefined || batch.stop.aborted

  async function turn(item: { job: Job; limited: number }): Promise<'done' | 'leave'> {
    const { answers, counts } = batch
    let release = () => {}
    try {
      release = batch.admit(item.job)
      const answered = await answerOf(item.job, { ...deps, pace, signal: batch.stop })
      answers.add(answered)
      counts.answered++
      counts.credits += answered.receipt?.credits ?? 0
      counts.balance = answered.receipt?.balance ?? counts.balance
      unreachable = 0
    } catch (error) {
      if (!(error instanceof CliError) || error.exit === EXIT.interrupted) ended ??= error
      else if (ENDS_ALL.includes(error.exit)) ended ??= error
      else if (error.exit === EXIT.rateLimit && error.retryAfterMs !== undefined && item.limited < LIMITED_MAX) {
        queue.unshift({ ...item, limited: allowed > 1 ? item.limited : item.limited + 1 })
        // More at once than the tier has streams.
        if (allowed > 1) {
          allowed--
          return 'leave'
        }
        await sleep(
          deps.context.clock,
          Math.max(error.retryAfterMs, LIMITED_WAIT_MS * 2 ** item.limited),
          batch.stop
        ).catch(() => {})
      } else {
        answers.add(failureOf(item.job, error))
        counts.failed++
        unreachable = error.exit === EXIT.network ? unreachable + 1 : 0
        if (unreachable >= UNREACHABLE_MAX) ended ??= error
      }
    } finally {
      release()
    }
    batch.onChange()
    return 'done'
  }

  async function worker(): Promise<void> {
    while (!isOver()) {
      const item = queue.shift()
      if (!item || (await turn(item)) === 'leave') return
    }
  }

  do {
    await Promise.all(Array.from({ length: Math.min(allowed, queue.length) }, worker))
    // A worker that left may have put its line back after the others were done.
  } while (queue.length > 0 && !isOver())
  return ended ?? (batch.stop.aborted ? batch.stop.reason : undefined)
}

async function answerOf(
  { line, id, question, key }: Job,
  { api, context, pace, signal }: Deps & { pace: Pace; signal: AbortSignal }
): Promise<Answered> {
  const { clock } = context
  const tokens = question.messages.reduce(
    (sum, turn) => sum + contentTokens(turn.content),
    textTokens(question.system ?? '')
  )
  await pace.before(tokens, signal)
  try {
    const answer = await begun(question, { api, context, pace })
    let text = ''
    let stopReason: string | null = null
    let receipt: Receipt | undefined
    for await (const event of answer.events) {
      if (event.type === 'text') text += event.text
      else ({ stopReason, receipt } = event)
    }
    receipt ??= await settledReceipt(answer.requestId, { api, clock })
    return {
      line,
      id,
      text,
      model: receipt?.model_used ?? question.model,
      stop_reason: stopReason,
      route_reason: receipt?.route_reason ?? null,
      receipt: receipt ?? null,
      request_id: answer.requestId ?? null,
      key
    }
  } catch (error) {
    if (error instanceof CliError || signal.aborted) throw error
    throw new CliError(EXIT.other, error instanceof Error ? error.message : String(error), { cause: error })
  }
}

/** An answer that begins. What is under way ends by itself, also when no more is to begin: it is paid. */
async function begun(question: Job['question'], { api, context, pace }: Deps & { pace: Pace }): Promise<Answer> {
  const { clock, random } = context
  try {
    const answer = await ask(question, { api, clock, random, signal: new AbortController().signal })
    pace.after(answer.headers)
    return answer
  } catch (error) {
    pace.after(undefined)
    throw error
  }
}

function failureOf({ line, id, key }: Job, { exit, code, message }: CliError): Answered {
  return { line, id, error: { exit, code: code ?? null, message }, key }
}
