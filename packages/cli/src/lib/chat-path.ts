import type { ChatContent, ChatMessage } from '@caicaini/protocol/api'

/** How a summary begins that stands for what was said before it. */
export const SUMMARY_INTRO = 'Summary of our conversation so far:'

/** A message as it is sent. */
export interface ContextMessage {
  /** The message that it is, or was made of. */
  readonly of: ChatMessage
  readonly role: ChatMessage['role']
  readonly content: readonly ChatContent[]
}

/** The messages from the root of their tree to `leaf`; none where there is no such message. */
export function pathTo(messages: readonly ChatMessage[], leaf: string | null): ChatMessage[] {
  const byId = new Map(messages.map((message) => [message.id, message]))
  const path: ChatMessage[] = []
  for (let at = byId.get(leaf ?? ''); at && path.length <= messages.length; at = byId.get(at.parent ?? ''))
    path.push(at)
  return path.reverse()
}

/** A question and its answer, less what no provider takes back. */
interface Exchanged {
  readonly question: ChatMessage
  readonly answer: readonly ChatContent[]
  readonly answered: ChatMessage
}

/**
 * What is sent of a path before the next message: all that follows the last whole summary, which becomes a
 * message of ours. Questions that have no answer are left out, and so are calls of tools that no result follows.
 */
export function contextOf(path: readonly ChatMessage[]): ContextMessage[] {
  const at = path.findLastIndex(
    ({ role, kind, state }) => role === 'assistant' && kind === 'summary' && state === 'complete'
  )
  const summary = path[at]
  const exchanges: Exchanged[] = []
  for (const [index, question] of path.entries()) {
    const answer = path[index + 1]
    if (index <= at || question.role !== 'user' || answer?.role !== 'assistant') continue
    const said = answer.content.filter(isTakenBack)
    if (said.length > 0) exchanges.push({ question, answer: said, answered: answer })
  }
  return [
    ...(summary ? [summaryMessage(summary)] : []),
    ...withoutOpenCalls(exchanges).flatMap(({ question, answer, answered }): ContextMessage[] => [
      { of: question, role: 'user', content: question.content },
      { of: answered, role: 'assistant', content: answer }
    ])
  ]
}

function summaryMessage(summary: ChatMessage): ContextMessage {
  const text = summary.content
    .flatMap((block) => (block.type === 'text' && block.text ? [block.text] : []))
    .join('\n\n')
  return { of: summary, role: 'user', content: [{ type: 'text', text: `${SUMMARY_INTRO}\n\n${text}` }] }
}

/** A thought that was broken off has no signature, and an empty text says nothing: providers refuse both. */
function isTakenBack(block: ChatContent): boolean {
  if (block.type === 'thinking') return typeof block.signature === 'string' && block.signature !== ''
  return block.type !== 'text' || (block.text ?? '') !== ''
}

/** From the last one back, for an exchange that is left out takes the result with it that the one before it waits for. */
function withoutOpenCalls(exchanges: readonly Exchanged[]): Exchanged[] {
  const kept: Exchanged[] = []
  for (const { question, answer, answered } of exchanges.toReversed()) {
    const results = kept[0]?.question.content ?? []
    const isAnswered = (id: unknown) => results.some((block) => block.tool_use_id === id)
    const whole = answer.filter((block) => block.type !== 'tool_use' || isAnswered(block.id))
    if (whole.some(({ type }) => type !== 'thinking')) kept.unshift({ question, answer: whole, answered })
  }
  return kept
}

/** The same with images and documents in their places; `read` gives a file by its SHA-256. */
export async function withFiles(
  messages: readonly ContextMessage[],
  read: (sha256: string) => Promise<Uint8Array>
): Promise<ContextMessage[]> {
  const filled: ContextMessage[] = []
  for (const message of messages) filled.push({ ...message, content: await blocksWithFiles(message.content, read) })
  return filled
}

async function blocksWithFiles(
  blocks: readonly ChatContent[],
  read: (sha256: string) => Promise<Uint8Array>
): Promise<ChatContent[]> {
  const filled: ChatContent[] = []
  for (const { file, ...block } of blocks) {
    const filledIn: ChatContent = { ...block, ...(await contentWithFiles(block, read)) }
    const given = filledIn.source
    if (file) filledIn.source = sourceOf(file.media_type, Buffer.from(await read(file.sha256)))
    else if (typeof given === 'object' && given !== null)
      filledIn.source = { ...given, ...(await contentWithFiles(given, read)) }
    filled.push(filledIn)
  }
  return filled
}

/** The blocks inside of one, such as of a tool's result. */
async function contentWithFiles(
  holder: object,
  read: (sha256: string) => Promise<Uint8Array>
): Promise<{ content?: ChatContent[] }> {
  if (!('content' in holder) || !Array.isArray(holder.content)) return {}
  return { content: await blocksWithFiles(holder.content, read) }
}

/** Of documents the API takes text as it is, and all else in base64. */
function sourceOf(mediaType: string, body: Buffer): object {
  const isText = mediaType.startsWith('text/')
  return {
    type: isText ? 'text' : 'base64',
    media_type: mediaType,
    data: body.toString(isText ? 'utf8' : 'base64')
  }
}
