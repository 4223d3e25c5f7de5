import { creditsPhrase, showCredits } from '../../lib/money-text.js'
import { printed } from '../conversation/printed.js'
import { sessionTotal } from '../state/session-total.js'
import type { SlashCommand } from './command.js'

export const MONEY: readonly SlashCommand[] = [
  {
    name: 'cost',
    about: 'what this session and this chat were billed',
    whileBusy: true,
    run(_, { store, chat }) {
      const session = store.get()
      const answers = session.conversation.turns.filter(({ role }) => role === 'assistant')
      const known = answers.flatMap(({ credits }) => (credits === undefined ? [] : [credits]))
      const sum = known.reduce((total, credits) => total + Math.round(credits * 1e6), 0) / 1e6
      const lines = [`this session: ${sessionTotal(session)}`]
      if (known.length > 0) lines.push(`this chat as it is sent: ${creditsPhrase(sum)} for ${known.length} answers`)
      chat.say(lines.join('\n'))
    }
  },
  {
    name: 'balance',
    about: 'the credits left',
    whileBusy: true,
    async run(_, { account, store, chat }) {
      const balance = await account.balance()
      store.dispatch({ type: 'balance', balance })
      const { total, subscription = 0, topup = 0 } = balance
      chat.say(
        `balance ${creditsPhrase(total)}: ${showCredits(subscription)} of this month, ${showCredits(topup)} lasting`
      )
    }
  },
  {
    name: 'usage',
    takes: '[SINCE]',
    about: 'what was used, by model: /usage 30d',
    whileBusy: true,
    async run(since, { context, account, chat }) {
      const { run } = await import('../../commands/usage.js')
      const rows = await printed(context, account, (told) => run({ since: since || '7d', by: 'model' }, told))
      chat.print({ kind: 'rows', rows })
    }
  }
]
