import { z } from '@hono/zod-openapi'
import { Credits, Instant, ONE_LINE } from './schema.js'

const UUID_V7 = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'
export const ChatId = z.string().regex(new RegExp(`^chat_${UUID_V7}$`), 'must be chat_ and a UUID of version 7')
export const MessageId = z.string().regex(new RegExp(`^msg_${UUID_V7}$`), 'must be msg_ and a UUID of version 7')

export const MessageKind = z.enum(['turn', 'summary'])
export type MessageKind = z.infer<typeof MessageKind>

/** `stopped`: its reader was gone before its end. `failed`: the provider was; what was delivered is kept. */
export const MessageState = z.enum(['complete', 'stopped', 'failed'])
export type MessageState = z.infer<typeof MessageState>

export const Chat = z
  .object({
    id: z.string(),
    title: z.string().nullable().openapi({ description: 'As its owner named it' }),
    first_line: z.string().openapi({ description: 'How its first message begins' }),
    model: z.string().nullable().openapi({ description: 'The model that was asked last' }),
    system: z.string().nullable().openapi({ description: 'The system prompt of the last call' }),
    leaf: z.string().nullable().openapi({ description: 'The message that was stored last' }),
    messages: z.int(),
    credits: Credits,
    created_at: Instant,
    updated_at: Instant
  })
  .openapi('Chat')
export type Chat = z.infer<typeof Chat>

/** A block of a message as Anthropic's Messages API has it; files are left out of it and named by `file`. */
export const ChatContent = z
  .looseObject({
    type: z.string(),
    text: z.string().optional(),
    file: z
      .object({ sha256: z.string(), media_type: z.string(), bytes: z.int(), name: z.string().nullable() })
      .optional()
      .openapi({ description: 'Of an image or a document: GET /api/chats/{id}/files/{sha256}' })
  })
  .openapi('ChatContent')
export type ChatContent = z.infer<typeof ChatContent>

export const ChatMessage = z
  .object({
    id: z.string(),
    parent: z.string().nullable(),
    role: z.enum(['user', 'assistant']),
    kind: MessageKind,
    state: MessageState,
    content: z.array(ChatContent),
    model: z.string().nullable().openapi({ description: 'Of an answer: the model that wrote it' }),
    request_id: z.string().nullable(),
    credits: Credits.nullable().openapi({ description: 'Of an answer: what it was billed' }),
    created_at: Instant
  })
  .openapi('ChatMessage')
export type ChatMessage = z.infer<typeof ChatMessage>

export const ChatList = z
  .object({ chats: z.array(Chat), next: z.string().nullable().openapi({ description: 'Sent as `before`' }) })
  .openapi('ChatList')
export type ChatList = z.infer<typeof ChatList>

export const ChatMessageList = z
  .object({ messages: z.array(ChatMessage), next: z.string().nullable().openapi({ description: 'Sent as `after`' }) })
  .openapi('ChatMessageList')
export type ChatMessageList = z.infer<typeof ChatMessageList>

export const EditChat = z
  .strictObject({ title: z.string().trim().min(1).max(120).regex(new RegExp(ONE_LINE), 'must be one line') })
  .openapi('EditChat')
export type EditChat = z.infer<typeof EditChat>

/** The path to `message` becomes a chat of its own. */
export const ForkChat = z.strictObject({ id: ChatId, message: MessageId }).openapi('ForkChat')
export type ForkChat = z.infer<typeof ForkChat>
