import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { UsageTap } from '../../usage/tap.js'
import { createChatTap } from '../chat-tap.js'
import type { UpstreamFormat, WireFormat } from '../neutral.js'
import { createStreamTranslator } from '../stream.js'
import { request } from './request.js'

const folder = join(import.meta.dirname, '../golden')

export interface Golden {
  readonly name: string
  readonly from: UpstreamFormat
  readonly bytes: Buffer
}

export const goldens: readonly Golden[] = readdirSync(folder)
  .filter((file) => file.endsWith('.sse'))
  .sort()
  .map((file) => ({
    name: file.replace('.sse', ''),
    from: file.startsWith('chat-') ? 'chat' : 'messages',
    bytes: readFileSync(join(folder, file))
  }))

export function golden(name: string): Golden {
  const found = goldens.find((stream) => stream.name === name)
  if (!found) throw new Error(`no golden stream ${name}`)
  return found
}

/** What came out of a stream that was cut at the given lengths. */
export function replay(tap: UsageTap, bytes: Buffer, cuts: readonly number[]) {
  const outputs = []
  let at = 0
  for (const length of [...cuts, bytes.length]) {
    if (at >= bytes.length) break
    outputs.push(tap.push(bytes.subarray(at, at + length)))
    at += length
  }
  outputs.push(tap.close())
  const first = outputs.findIndex(({ final }) => final !== null)
  const joined = (pieces: readonly (Uint8Array | null)[]) => Buffer.concat(pieces.filter((piece) => piece !== null))
  const before = first === -1 ? outputs : outputs.slice(0, first + 1)
  const after = first === -1 ? [] : outputs.slice(first + 1)
  return {
    forward: joined(before.map(({ forward }) => forward)).toString(),
    final: joined([outputs[first]?.final ?? null, ...after.map(({ forward }) => forward)]).toString(),
    finals: outputs.filter(({ final }) => final !== null).length,
    error: outputs.find(({ error }) => error !== null)?.error ?? null,
    readings: {
      usage: tap.usage,
      usageSeen: tap.usageSeen,
      stopReason: tap.stopReason,
      model: tap.model,
      messageId: tap.messageId,
      sawFinal: tap.sawFinal,
      firstContentSeen: tap.firstContentSeen,
      delivered: tap.deliveredTextTokens
    }
  }
}

export function translator(from: UpstreamFormat, to: WireFormat): UsageTap {
  return createStreamTranslator({
    from,
    to,
    request: request(),
    nowMs: 1_763_733_600_000,
    id: 'req_x1',
    inputTokensEstimated: 40
  })
}

/** Every way out of a golden stream. */
export function waysOf(from: UpstreamFormat): readonly { readonly to: string; readonly make: () => UsageTap }[] {
  const tap = (stripUsage: boolean) => () => createChatTap({ stripUsage, inputTokensEstimated: 40 })
  const to = (format: WireFormat) => ({ to: format, make: () => translator(from, format) })
  return from === 'messages'
    ? [to('chat'), to('responses')]
    : [to('messages'), to('responses'), { to: 'tap', make: tap(false) }, { to: 'stripping tap', make: tap(true) }]
}
