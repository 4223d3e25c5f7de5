/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx'

/** What went wrong, said to screen readers at once. */
export function Problem({ message }: { readonly message: string | undefined }) {
  if (message === undefined) return null
  return (
    <p class="problem" role="alert" id="problem">
      {message}
    </p>
  )
}

export function Notice({ children }: { readonly children?: Child }) {
  return (
    <p class="notice" role="status">
      {children}
    </p>
  )
}

export interface FieldProps {
  readonly name: string
  /** Where two fields of a page have one name. */
  readonly id?: string
  readonly label: string
  readonly type?: 'text' | 'email' | 'password'
  readonly value?: string
  readonly hint?: string
  readonly autocomplete?: string
  readonly required?: boolean
  readonly minlength?: number
  readonly maxlength?: number
  /** For digits and codes. */
  readonly inputmode?: 'numeric' | 'text'
  /** Whether what was sent last had its fault here. */
  readonly isWrong?: boolean
  readonly autofocus?: boolean
}

/** A labelled field; its hint and its fault are told together with it. */
export function Field(props: FieldProps) {
  const { name, id = name, label, type = 'text', hint, isWrong = false, required = true, ...rest } = props
  const described = [hint === undefined ? '' : `${id}-hint`, isWrong ? 'problem' : ''].filter(Boolean).join(' ')
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <input
        id={id}
        name={name}
        type={type}
        required={required}
        aria-invalid={isWrong ? 'true' : undefined}
        aria-describedby={described || undefined}
        spellcheck={false}
        autocapitalize="none"
        {...rest}
      />
    </div>
  )
}

export function Check({
  name,
  value,
  children,
  required = true
}: {
  readonly name: string
  readonly value: string
  readonly required?: boolean
  readonly children?: Child
}) {
  return (
    <label class="check">
      <input type="checkbox" name={name} value={value} required={required} />
      <span>{children}</span>
    </label>
  )
}

/** What a list of things is made of: a name, and what is known of it. */
export function Facts({ rows }: { readonly rows: readonly (readonly [string, Child])[] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
