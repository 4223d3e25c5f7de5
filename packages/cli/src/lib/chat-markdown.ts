import type { Chat, ChatContent, ChatMessage } from '@caicaini/protocol/api'
import { creditsPhrase } from './money-text.js'

/** What people know a chat by: its title, else how it begins. */
export function chatName({ title, first_line }: Pick<Chat, 'title' | 'first_line'>): string {
  return title ?? (first_line || 'Untitled')
}

/** A chat as a Markdown document: what was said on `path`, and what each answer cost. */
export function chatMarkdown(chat: Chat, path: readonly ChatMessage[]): string {
  const total = path.reduce((micro, { credits }) => micro + Math.round((credits ?? 0) * 1e6), 0)
  const facts = [shortTime(chat.created_at), ...(chat.model ? [chat.model] : []), creditsPhrase(total / 1e6)]
  return [
    `# ${chatName(chat)}`,
    facts.join(' · '),
    ...(chat.system ? [`> System: ${chat.system.replaceAll('\n', '\n> ')}`] : []),
    ...path.flatMap(messageParts)
  ]
    .join('\n\n')
    .concat('\n')
}

function messageParts(message: ChatMessage): string[] {
  const { role, kind, model, content } = message
  const who = role === 'user' ? 'You' : `${kind === 'summary' ? 'Summary by ' : ''}${model ?? 'Answer'}`
  const cost = costOf(message)
  return [`## ${who}`, ...content.flatMap(blockText), ...(cost === '' ? [] : [`*${cost}*`])]
}

function costOf({ role, state, credits }: ChatMessage): string {
  if (role === 'user') return ''
  return [...(credits === null ? [] : [creditsPhrase(credits)]), ...(state === 'complete' ? [] : [state])].join(' · ')
}

function blockText(block: ChatContent): string[] {
  if (block.file) {
    const { name, sha256, media_type, bytes } = block.file
    return [`[${block.type}: ${name ?? sha256.slice(0, 12)}, ${media_type}, ${bytes} bytes]`]
  }
  switch (block.type) {
    case 'text':
      return block.text ? [block.text] : []
    case 'thinking':
      return typeof block.thinking === 'string' ? [`> ${block.thinking.replaceAll('\n', '\n> ')}`] : []
    case 'tool_use':
      return [`Calls \`${block.name}\`:`, fenced(JSON.stringify(block.input, null, 2), 'json')]
    case 'tool_result':
      return ['Its result:', ...resultText(block.content)]
    default:
      return [fenced(JSON.stringify(block, null, 2), 'json')]
  }
}

function resultText(content: unknown): string[] {
  if (typeof content === 'string') return [fenced(content, '')]
  if (!Array.isArray(content)) return []
  return (content as ChatContent[]).flatMap((block) =>
    block.type === 'text' ? [fenced(block.text ?? '', '')] : blockText(block)
  )
}

/** A fence is longer than any that the text has. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}`
}

function shortTime(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`
}
