/** @jsxImportSource hono/jsx */

import type { Proof } from '../second-factor/proofs.js'
import { Field } from './components.js'
import { PASSKEY_SCRIPTS, PasskeyForm, passkeyAnswer } from './passkey-form.js'

export interface ProofFormsProps {
  readonly action: string
  readonly next: string
  readonly ways: { readonly code: boolean; readonly passkey: boolean }
  readonly button: string
  /** Which field was wrong, if one was. */
  readonly wrong?: string | undefined
}

/** Everything that a second factor can be given by: each is a form of its own, and all but passkeys work without a script. */
export function ProofForms({ action, next, ways, button, wrong }: ProofFormsProps) {
  const where = <input type="hidden" name="next" value={next} />
  return (
    <>
      {ways.code ? (
        <form method="post" action={action}>
          {where}
          <Field
            name="code"
            label="Code"
            hint="Six digits, from your authenticator app"
            inputmode="numeric"
            autocomplete="one-time-code"
            maxlength={7}
            isWrong={wrong === 'code'}
            autofocus
          />
          <button type="submit">{button}</button>
        </form>
      ) : null}
      {ways.passkey ? (
        <PasskeyForm
          action={action}
          options={`${action}/options`}
          does="get"
          label="Use a passkey"
          {...(ways.code && { look: 'second' as const })}
        >
          {where}
        </PasskeyForm>
      ) : null}
      <details open={wrong === 'recovery_code'}>
        <summary>Use a recovery code</summary>
        <form method="post" action={action}>
          {where}
          <Field
            name="recovery_code"
            label="Recovery code"
            hint="One of the ten that you kept; it is used up by this"
            autocomplete="off"
            maxlength={60}
            isWrong={wrong === 'recovery_code'}
          />
          <button type="submit" class="second">
            {button}
          </button>
        </form>
      </details>
    </>
  )
}

export function proofScripts({ passkey }: ProofFormsProps['ways']): readonly string[] {
  return passkey ? PASSKEY_SCRIPTS : []
}

/** What was sent by one of these forms. */
export function sentProof(field: (name: string) => string): Proof {
  const [code, recovery, passkey] = [field('code'), field('recovery_code'), field('passkey')]
  if (passkey !== '') return { type: 'passkey', answer: passkeyAnswer(passkey) }
  return recovery === '' ? { type: 'code', code } : { type: 'recovery code', code: recovery }
}
