import { Text } from 'ink'
import { showCredits } from '../../lib/money-text.js'
import type { Session } from '../state/session.js'

/** Where the parts of the balance have room beside it. */
const WIDE_COLUMNS = 100

export interface HeaderProps
  extends Pick<Session, 'model' | 'plan' | 'balance' | 'headroom' | 'hint' | 'conversation'> {
  readonly columns: number
  readonly coloured: boolean
}

/** Model, plan and the live balance, on one line; in place of them a hint, for a moment. */
export function Header(props: HeaderProps) {
  return (
    <Text {...(props.coloured ? { color: 'cyan' } : {})} wrap="truncate-end">
      {props.hint ?? headerText(props)}
    </Text>
  )
}

export function headerText({ model, plan, balance, headroom, conversation, columns }: HeaderProps): string {
  return [
    model.replace(/^caicaini\//, ''),
    ...(plan === undefined ? [] : [`plan ${plan}`]),
    balanceText(balance, columns),
    ...(headroom ? [headroom.text] : []),
    ...(conversation.saved ? [] : ['not kept']),
    ...(conversation.title === undefined ? [] : [conversation.title])
  ].join(' · ')
}

function balanceText(balance: Session['balance'], columns: number): string {
  if (balance === undefined) return 'balance …'
  const { total, subscription, topup } = balance
  const text = `balance ${showCredits(total, 2)}`
  if (columns < WIDE_COLUMNS || subscription === undefined || topup === undefined) return text
  return `${text} (month ${showCredits(subscription, 2)}, top-up ${showCredits(topup, 2)})`
}
