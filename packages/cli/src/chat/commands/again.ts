import { isNamed } from '../../lib/estimate.js'
import { withDraft } from '../input/editor.js'
import type { ChatTurn } from '../state/conversation.js'
import type { SlashCommand } from './command.js'

export const AGAIN: readonly SlashCommand[] = [
  {
    name: 'retry',
    takes: '[MODEL]',
    about: 'answer the last message again; both answers are kept',
    async run(model, { account, store, chat }) {
      if (model !== '' && !(await account.models()).some((one) => isNamed(one, model))) {
        throw new Error(`no model is named "${model}": /model lists them`)
      }
      const { asked, before } = lastAsked(store.get().conversation.turns)
      await chat.again(asked, before, model || undefined)
    }
  },
  {
    name: 'edit',
    about: 'change your last message and go on from there',
    run(_, { store }) {
      const { conversation, editor } = store.get()
      const { asked, before } = lastAsked(conversation.turns)
      store.dispatch({ type: 'conversation', change: { turns: before } })
      const draft = asked.draft ?? { text: asked.shown, chips: [] }
      store.dispatch({ type: 'editor', editor: withDraft(editor, draft) })
    }
  }
]

/** The last message of the user, and what was before it. */
function lastAsked(turns: readonly ChatTurn[]): { asked: ChatTurn; before: readonly ChatTurn[] } {
  const at = turns.findLastIndex(({ role }) => role === 'user')
  const asked = turns[at]
  if (!asked) throw new Error('there is no message yet')
  return { asked, before: turns.slice(0, at) }
}
