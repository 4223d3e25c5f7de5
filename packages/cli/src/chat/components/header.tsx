import { Text } from 'ink'
import { showCredits } from '../../lib/money-text.js'
import type { Session } from '../session.js'

export interface HeaderProps extends Pick<Session, 'model' | 'plan' | 'balance'> {
  /** In place of the rest, for a moment. */
  readonly hint: string | undefined
  readonly colour: boolean
}

/** Model, plan and the live balance, on one line. */
export function Header({ model, plan, balance, hint, colour }: HeaderProps) {
  const parts = [
    model.replace(/^caicaini\//, ''),
    ...(plan === undefined ? [] : [`plan ${plan}`]),
    balance === undefined ? 'balance …' : `balance ${showCredits(balance, 2)}`
  ]
  return (
    <Text {...(colour ? { color: 'cyan' } : {})} wrap="truncate-end">
      {hint ?? parts.join(' · ')}
    </Text>
  )
}
