import { setTimeout as sleep } from 'node:timers/promises'
import { parseReceiptJson, type Receipt } from '@caicaini/protocol'
import type { Dice } from './dice.js'
import { begin, type PlayedUpstream, plainMessage, streamEvents } from './upstream.js'

const CLIENTS = 12

export type Load = ReturnType<typeof createLoad>

/**
 * Clients who ask until the server is gone: plain answers and streams, some left in the middle, some
 * with a key of their own that they try again with once the server is back.
 */
export function createLoad({ upstream, dice, key }: { upstream: PlayedUpstream; dice: Dice; key: string }) {
  const receipts: Receipt[] = []
  /** The requests that were begun with each key of the clients' own, as far as the clients know their ids. */
  const triesOfKeys = new Map<string, string[]>()
  let checked = 0
  let names = 0
  /** Keys of calls whose answer did not come in full. */
  const again: string[] = []
  playAll(upstream, dice)

  /** One call to its end; false when the server is gone. */
  async function call(url: string): Promise<boolean> {
    const name = dice.chance(0.3) ? (again.pop() ?? `call-${++names}`) : undefined
    const stream = dice.chance(0.6)
    const leave = new AbortController()
    const leaves = dice.chance(0.15)
    if (leaves) setTimeout(() => leave.abort(), dice.between(0, 30)).unref()
    try {
      const response = await post(url, { stream, name, signal: leave.signal })
      const requestId = response.headers.get('request-id') ?? ''
      if (name) triesOfKeys.set(name, [...(triesOfKeys.get(name) ?? []), requestId])
      const text = await response.text()
      const receipt = receiptIn(response, text)
      if (receipt) receipts.push(receipt)
      else if (response.status !== 200 && response.status !== 409)
        throw new Error(`bug: answered ${response.status} ${text}`)
      if (name && response.status === 409) noteRepeat(name, text)
      return true
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('bug: ')) throw error
      if (name) again.push(name)
      return leave.signal.aborted
    }
  }

  /** A repeat names the request that it repeats: one whose answer never came through, or did. */
  function noteRepeat(name: string, text: string): void {
    const { error } = JSON.parse(text) as { error: { code: string; receipt?: Receipt } }
    if (error.code === 'idempotency_in_progress') again.push(name)
    else if (!error.receipt) throw new Error(`bug: ${name} repeats a call without a receipt: ${text}`)
    else {
      receipts.push(error.receipt)
      triesOfKeys.set(name, [...(triesOfKeys.get(name) ?? []), error.receipt.request_id])
    }
  }

  async function client(url: string): Promise<void> {
    while (await call(url)) await sleep(dice.between(0, 5))
  }

  function post(url: string, how: { stream: boolean; name: string | undefined; signal: AbortSignal }) {
    const messages = [{ role: 'user', content: 'hi' }]
    return fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': key, ...(how.name && { 'idempotency-key': how.name }) },
      body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 1024, stream: how.stream, messages }),
      signal: how.signal
    })
  }

  return {
    /** Every receipt that a client had in full. */
    receipts,
    triesOfKeys,
    /** Resolves once every client has noticed that the server is gone. */
    async run(url: string): Promise<void> {
      await Promise.all(Array.from({ length: CLIENTS }, () => client(url)))
    },
    /** Those that came since the last time. */
    takeNew(): readonly Receipt[] {
      const fresh = receipts.slice(checked)
      checked = receipts.length
      return fresh
    }
  }
}

/** A receipt is had once the answer is whole: a stream's when its final event came after it. */
function receiptIn(response: Response, text: string): Receipt | undefined {
  const header = response.headers.get('caicaini-receipt')
  if (header !== null) return parseReceiptJson(header)
  const comment = /^: caicaini-receipt (.*)\n\nevent: message_stop\n/m.exec(text)?.[1]
  return comment === undefined ? undefined : parseReceiptJson(comment)
}

/** Answers of any length, at any pace. */
function playAll(upstream: PlayedUpstream, dice: Dice): void {
  upstream.play(async (response, { body }) => {
    const usage = { input_tokens: dice.between(1, 500), output_tokens: dice.between(0, 900) }
    await sleep(dice.between(0, 20))
    if (body.stream !== true) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(plainMessage(usage)))
      return
    }
    begin(response, [])
    for (const event of streamEvents({ usage })) {
      if (response.destroyed) return
      response.write(event)
      if (dice.chance(0.3)) await sleep(dice.between(0, 15))
    }
    response.end()
  })
}
