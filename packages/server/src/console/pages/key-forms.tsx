/** @jsxImportSource hono/jsx */
import { type AppError, formatCredits } from '@caicaini/protocol'
import type { Key } from '../../keys/key.js'
import { Check, Field, Problem } from '../components.js'

interface Choice {
  readonly name: string
  readonly label: string
  readonly choices: readonly (readonly [value: string, text: string])[]
  readonly chosen?: string
}

function Select({ name, label, choices, chosen }: Choice) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        {choices.map(([value, text]) => (
          <option key={value} value={value} selected={value === chosen}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}

const ENDS = [
  ['never', 'not by itself'],
  ['7', 'in 7 days'],
  ['30', 'in 30 days'],
  ['90', 'in 90 days'],
  ['365', 'in a year']
] as const
const PERIODS = [
  ['life', 'in all'],
  ['month', 'a month'],
  ['day', 'a day']
] as const

export function NewForm({ problem }: { readonly problem?: AppError | undefined }) {
  return (
    <section class="panel">
      <h2>A new key</h2>
      <Problem message={problem?.message} />
      <form method="post" action="/account/keys">
        <Field name="name" label="Name" autocomplete="off" maxlength={64} isWrong={problem !== undefined} />
        <Select
          name="scope"
          label="It may"
          choices={[
            ['api', 'use models, see the balance and its own receipts'],
            ['cli', 'also read the account, and revoke its keys']
          ]}
        />
        <QuotaField value="" />
        <Select name="quota_period" label="The quota is" choices={PERIODS} />
        <Select name="expires" label="It ends" choices={ENDS} chosen="90" />
        <button type="submit">Make the key</button>
      </form>
    </section>
  )
}

export function EditForm({ of: key, problem }: { readonly of: Key; readonly problem?: AppError | undefined }) {
  const quota = key.quota === 0n ? '' : formatCredits(key.quota).replaceAll(',', '')
  return (
    <section class="panel">
      <h2>Change it</h2>
      <Problem message={problem?.message} />
      <form method="post" action={`/account/keys/${key.id}/edit`}>
        <Field name="name" label="Name" value={key.name} autocomplete="off" maxlength={64} />
        <QuotaField value={quota} />
        <Select name="quota_period" label="The quota is" choices={PERIODS} chosen={key.quotaPeriod} />
        <Select name="expires" label="It ends" choices={[['keep', 'as it is'], ...ENDS]} chosen="keep" />
        <button type="submit">Save</button>
      </form>
    </section>
  )
}

function QuotaField({ value }: { readonly value: string }) {
  return (
    <Field
      name="quota"
      label="Quota in credits"
      hint="The most that it may spend; empty is no limit."
      value={value}
      autocomplete="off"
      required={false}
    />
  )
}

export function RotateForm({ of: key }: { readonly of: Key }) {
  return (
    <section class="panel">
      <h2>Rotate it</h2>
      <p>It gets another text, and stays what it is: its name, its rights, its quota and what it has used.</p>
      <form method="post" action={`/account/keys/${key.id}/rotate`}>
        <Select
          name="overlap_h"
          label="The text that it has now is good"
          choices={[
            ['0', 'no longer'],
            ['1', 'for an hour'],
            ['24', 'for a day'],
            ['168', 'for a week']
          ]}
          chosen="24"
        />
        <button type="submit">Rotate</button>
      </form>
    </section>
  )
}

interface ButtonProps {
  readonly of: Key
  readonly act: 'enable' | 'disable' | 'revoke'
  readonly label: string
  /** It cannot be undone, so that one says twice that one wants it. */
  readonly isForGood?: boolean
}

export function OneButton({ of: key, act, label, isForGood = false }: ButtonProps) {
  return (
    <form method="post" action={`/account/keys/${key.id}/${act}`} class="apart">
      {isForGood ? (
        <Check name="sure" value="yes">
          Whatever uses this key stops, for good.
        </Check>
      ) : null}
      <button type="submit" class={isForGood ? 'danger' : 'second'}>
        {label}
      </button>
    </form>
  )
}
