/** @jsxImportSource hono/jsx */
import { AppError } from '@caicaini/protocol'
import { WebAuthnAnswer } from '@caicaini/protocol/api'
import type { Child } from 'hono/jsx'

/** The script that these forms need. */
export const PASSKEY_SCRIPTS: readonly string[] = ['passkeys.js']

export interface PasskeyFormProps {
  readonly action: string
  /** Where the script learns what is to be signed. */
  readonly options: string
  readonly does: 'create' | 'get'
  readonly label: string
  readonly look?: 'second'
  /** More fields. */
  readonly children?: Child
}

/** A form that a passkey answers. Hidden until the script has found that this browser has passkeys. */
export function PasskeyForm({ action, options, does, label, look, children }: PasskeyFormProps) {
  return (
    <>
      <form method="post" action={action} data-passkey={does} data-options={options} hidden>
        {children}
        <input type="hidden" name="passkey" />
        <p class="problem" role="alert" hidden />
        <button type="submit" class={look}>
          {label}
        </button>
      </form>
      <noscript>
        <p class="soft">Passkeys need JavaScript, which is off in this browser.</p>
      </noscript>
    </>
  )
}

/** What the script put into the form. */
export function passkeyAnswer(field: string) {
  const parsed = WebAuthnAnswer.safeParse(parseJson(field))
  if (!parsed.success) throw new AppError('invalid_request', 'passkey: the browser sent none; try again')
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
