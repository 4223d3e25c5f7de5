import type { Words } from '../words.js'
import { type Closure, closure } from './closure.js'
import { type EmailChange, emailChange } from './email-change.js'
import { type EmailChanged, emailChanged } from './email-changed.js'
import { type KeyLeaked, keyLeaked } from './key-leaked.js'
import { type KeyOld, keyOld } from './key-old.js'
import { type PasswordChanged, passwordChanged } from './password-changed.js'
import { type Payment, payment } from './payment.js'
import { type PlanChange, planChange } from './plan-change.js'
import { type Reset, reset } from './reset.js'
import { type SecondFactorChanged, secondFactor } from './second-factor.js'
import { type SignInNotice, signIn } from './sign-in.js'
import { type Suspension, suspension } from './suspension.js'
import { type TermsNotice, terms } from './terms.js'
import { type Verify, verify } from './verify.js'

/** What each kind of mail is made of. */
export interface MailData {
  readonly verify: Verify
  readonly reset: Reset
  readonly email_change: EmailChange
  readonly email_changed: EmailChanged
  readonly sign_in: SignInNotice
  readonly password_changed: PasswordChanged
  readonly second_factor: SecondFactorChanged
  readonly key_leaked: KeyLeaked
  readonly key_old: KeyOld
  readonly payment: Payment
  readonly plan_change: PlanChange
  readonly terms: TermsNotice
  readonly suspension: Suspension
  readonly closure: Closure
}

export type MailKind = keyof MailData

interface Template<T> {
  readonly words: (data: T) => Words
  /**
   * Who gets it: an account's address that was proven to be its owner's; any address it has, for what makes it
   * proven or is asked for with it; or one that is named with the mail.
   */
  readonly goesTo: 'proven' | 'any' | 'named'
}

export const TEMPLATES: { readonly [K in MailKind]: Template<MailData[K]> } = {
  verify: { words: verify, goesTo: 'any' },
  reset: { words: reset, goesTo: 'any' },
  email_change: { words: emailChange, goesTo: 'named' },
  email_changed: { words: emailChanged, goesTo: 'named' },
  sign_in: { words: signIn, goesTo: 'proven' },
  password_changed: { words: passwordChanged, goesTo: 'proven' },
  second_factor: { words: secondFactor, goesTo: 'proven' },
  key_leaked: { words: keyLeaked, goesTo: 'proven' },
  key_old: { words: keyOld, goesTo: 'proven' },
  payment: { words: payment, goesTo: 'proven' },
  plan_change: { words: planChange, goesTo: 'proven' },
  terms: { words: terms, goesTo: 'proven' },
  suspension: { words: suspension, goesTo: 'proven' },
  closure: { words: closure, goesTo: 'proven' }
}

/** The words of a mail of any kind. */
export function wordsOf<K extends MailKind>(kind: K, data: MailData[K]): Words {
  return TEMPLATES[kind].words(data)
}
