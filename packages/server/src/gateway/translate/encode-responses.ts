import { type Answer, addEvent, type Block, EMPTY_ANSWER } from './answer.js'
import type { Encoder } from './encode-messages.js'
import { itemId, outputItem, type ResponseAbout, responseHead, responseOf } from './responses-items.js'
import { closePart, openPart, type Place, partDelta, type ResponsesEvent } from './responses-parts.js'

/**
 * Writes OpenAI's Responses stream: each block is an item of its own. The last event is `response.completed`, or
 * `response.incomplete`; it holds the whole answer once more (OpenAI, Responses streaming events).
 */
export function createResponsesEncoder(about: ResponseAbout): Encoder {
  const { context, tools } = about
  let answer: Answer = EMPTY_ANSWER
  let sequence = 0
  let started = false

  function frames(events: readonly ResponsesEvent[]): string {
    return events
      .map(([type, members]) => {
        const data = JSON.stringify({ type, sequence_number: sequence++, ...members })
        return `event: ${type}\ndata: ${data}\n\n`
      })
      .join('')
  }

  function start(): string {
    if (started) return ''
    started = true
    const head = { ...responseHead(answer, about), status: 'in_progress', incomplete_details: null }
    const response = { ...head, output: [], usage: null }
    return frames([
      ['response.created', { response }],
      ['response.in_progress', { response }]
    ])
  }

  /** Events of the block that is open, or was the last. */
  function onBlock(tell: (block: Block, place: Place) => readonly ResponsesEvent[]): string {
    const index = answer.blocks.length - 1
    const block = answer.blocks[index]
    return block ? frames(tell(block, { item_id: itemId(block, context, index), output_index: index })) : ''
  }

  return {
    write(event) {
      answer = addEvent(answer, event)
      switch (event.type) {
        case 'block_start':
          return (
            start() +
            onBlock((block, place) => [itemEvent('added', block, { place, tools }), ...openPart(block, place)])
          )
        case 'block_delta':
          return onBlock((block, place) => partDelta(block, place, event.text))
        case 'block_stop':
          return onBlock((block, place) => [...closePart(block, place), itemEvent('done', block, { place, tools })])
        case 'finish':
          return start()
        default:
          return ''
      }
    },
    end(reading) {
      const forward = start()
      const response = responseOf({ ...answer, reading }, about)
      return { forward, final: frames([[`response.${response.status}`, { response }]]) }
    }
  }
}

function itemEvent(
  which: 'added' | 'done',
  block: Block,
  { place: { item_id, output_index }, tools }: { place: Place } & Pick<ResponseAbout, 'tools'>
): ResponsesEvent {
  const item = outputItem(block, { id: item_id, status: which === 'added' ? 'in_progress' : 'completed', tools })
  return [`response.output_item.${which}`, { output_index, item }]
}
