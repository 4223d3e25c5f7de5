import type { Chat as StoredChat } from '@caicaini/protocol/api'
import { chatName } from '../../lib/chat-markdown.js'
import { creditsPhrase, showCredits } from '../../lib/money-text.js'
import { neutraliseLine } from '../../lib/sanitize.js'
import { newChatId } from '../conversation/content.js'
import { ageText, openChat } from '../conversation/open-chat.js'
import type { PickItem } from '../state/session.js'
import type { SlashCommand, Tools } from './command.js'

const LISTED = 100

export const CHATS: readonly SlashCommand[] = [
  {
    name: 'clear',
    also: ['new'],
    about: 'begin a new chat; this one is kept',
    run: (_, tools) => {
      begin(tools)
      tools.chat.say('a new chat')
    }
  },
  {
    name: 'resume',
    takes: '[WORDS]',
    about: 'go on with an earlier chat',
    run: (words, tools) => resume(words, tools)
  },
  {
    name: 'rename',
    takes: 'TITLE',
    about: 'name this chat',
    whileBusy: true,
    async run(title, { account, store, chat }) {
      const { id } = stored(store.get().conversation)
      if (title === '') throw new Error('/rename TITLE: say how this chat is to be called')
      await account.api().renameChat(id, title)
      store.dispatch({ type: 'conversation', change: { title } })
      chat.say(`this chat is called "${title}"`)
    }
  },
  {
    name: 'fork',
    about: 'go on in a copy of this chat; the first stays as it is',
    async run(_, tools) {
      const { account, store, context, chat } = tools
      const { id, turns } = stored(store.get().conversation)
      const last = turns.at(-1)
      if (!last) throw new Error('there is nothing to fork yet')
      const copy = await account.api().forkChat(id, { id: newChatId(context.clock.nowMs()), message: last.id })
      await openChat(copy, tools, { shown: false })
      chat.say('you are in the copy now; /resume has both')
    }
  },
  {
    name: 'delete',
    about: 'delete this chat for good',
    async run(_, tools) {
      const { account, store, dialogs, chat } = tools
      const { id } = stored(store.get().conversation)
      const question = { text: 'Delete this chat for good?', yes: 'Enter deletes it', no: 'Esc keeps it' }
      if (!(await dialogs.confirm(question))) return
      await account.api().deleteChat(id)
      begin(tools)
      chat.say('deleted; this is a new chat')
    }
  },
  {
    name: 'private',
    about: 'begin a chat of which nothing is kept, here or on the server',
    run(_, tools) {
      begin(tools)
      tools.store.dispatch({ type: 'conversation', change: { saved: false } })
      tools.chat.say('private: nothing of this chat is kept; /clear begins one that is')
    }
  }
]

/** Chats are kept again, unless the session was begun with --no-save. */
function begin({ store, context }: Tools): void {
  const { system } = store.get().conversation
  const id = newChatId(context.clock.nowMs())
  const saved = store.get().savesChats
  store.dispatch({ type: 'conversation', change: { id, title: undefined, turns: [], saved, system } })
}

function stored<T extends { saved: boolean; turns: readonly unknown[] }>(conversation: T): T {
  if (!conversation.saved) throw new Error('this chat is not kept on the server')
  if (conversation.turns.length === 0) throw new Error('this chat has no messages yet')
  return conversation
}

async function resume(words: string, tools: Tools): Promise<void> {
  const { account, dialogs, context, store } = tools
  const { chats } = await account.api().listChats({ limit: LISTED, ...(words === '' ? {} : { search: words }) })
  const others = chats.filter(({ id }) => id !== store.get().conversation.id)
  if (others.length === 0)
    throw new Error(words === '' ? 'there are no other chats yet' : `no chat has "${words}" in it`)
  const items = others.map((chat) => toItem(chat, context.clock.nowMs()))
  const picked = await dialogs.pick('Which chat? Type to search.', items)
  const chosen = others.find(({ id }) => id === picked)
  if (chosen) await openChat(chosen, tools, { shown: true })
}

function toItem(chat: StoredChat, nowMs: number): PickItem {
  const detail = [
    ageText(chat.updated_at, nowMs),
    creditsPhrase(Number(showCredits(chat.credits, 2).replaceAll(',', '')))
  ]
  return { value: chat.id, label: neutraliseLine(chatName(chat)), detail: detail.join(' · ') }
}
