import { z } from 'zod'

/** Who runs a server, as its legal pages and its mails say. What is not set is left out there. */
export interface Operator {
  readonly name: string
  readonly address: string | null
  readonly jurisdiction: string | null
  /** Addresses to write to, by what for. */
  readonly contacts: Readonly<Partial<Record<ContactKind, string>>>
  /** Who else sees data, such as the providers of models; one a line. */
  readonly processors: readonly string[]
}

export type ContactKind = 'general' | 'legal' | 'privacy' | 'security' | 'appeal' | 'telegram' | 'wechat'

const line = (max: number) => z.string().max(max, `must have at most ${max} characters`).optional()

/** What programs read too, such as security.txt. */
export const CONTACT = z
  .string()
  .regex(/^(mailto:\S+@\S+|https:\/\/\S+)$/, 'must be mailto:… or https://…')
  .optional()

export const OperatorEnv = z.object({
  CAICAINI_OPERATOR: line(200),
  CAICAINI_OPERATOR_ADDRESS: line(500),
  CAICAINI_JURISDICTION: line(200),
  CAICAINI_CONTACT: line(200),
  CAICAINI_CONTACT_LEGAL: line(200),
  CAICAINI_CONTACT_PRIVACY: line(200),
  CAICAINI_SECURITY_CONTACT: CONTACT,
  CAICAINI_APPEAL_CONTACT: CONTACT,
  CAICAINI_CONTACT_TELEGRAM: line(200),
  CAICAINI_CONTACT_WECHAT: line(200),
  CAICAINI_PROCESSORS: line(4_000)
})

export function operatorOf(env: z.infer<typeof OperatorEnv>): Operator {
  const contacts = {
    general: env.CAICAINI_CONTACT,
    legal: env.CAICAINI_CONTACT_LEGAL,
    privacy: env.CAICAINI_CONTACT_PRIVACY,
    security: env.CAICAINI_SECURITY_CONTACT?.replace('mailto:', ''),
    appeal: env.CAICAINI_APPEAL_CONTACT?.replace('mailto:', ''),
    telegram: env.CAICAINI_CONTACT_TELEGRAM,
    wechat: env.CAICAINI_CONTACT_WECHAT
  }
  return {
    name: env.CAICAINI_OPERATOR ?? 'the operator of this server',
    address: env.CAICAINI_OPERATOR_ADDRESS ?? null,
    jurisdiction: env.CAICAINI_JURISDICTION ?? null,
    contacts: Object.fromEntries(
      Object.entries(contacts).filter(([, value]) => value !== undefined)
    ) as Operator['contacts'],
    processors: (env.CAICAINI_PROCESSORS ?? '')
      .split(/[\n;]/)
      .map((each) => each.trim())
      .filter(Boolean)
  }
}

/** Where to write about something: its own address, else the general one. */
export function contactFor({ contacts }: Operator, kind: ContactKind): string | undefined {
  return contacts[kind] ?? contacts.general
}
