import { formatCredits } from '@caicaini/protocol'
import { creditsPhrase } from '../../lib/money-text.js'
import type { Session } from './session.js'

/** `3 answers · 12.4 credits · balance 9,900 credits`. */
export function sessionTotal({
  answers,
  spentMicro,
  balance,
  unsettled
}: Pick<Session, 'answers' | 'spentMicro' | 'balance' | 'unsettled'>): string {
  const spent = formatCredits(spentMicro)
  return [
    `${answers} ${answers === 1 ? 'answer' : 'answers'}`,
    `${spent} ${spent === '1' ? 'credit' : 'credits'}`,
    ...(unsettled.length === 0 ? [] : [`${unsettled.length} not billed yet`]),
    ...(balance === undefined ? [] : [`balance ${creditsPhrase(balance.total)}`])
  ].join(' · ')
}
