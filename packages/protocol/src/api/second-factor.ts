import { z } from '@hono/zod-openapi'
import { Instant } from './schema.js'

const Password = z.string().max(1_024)
const Code = z.string().max(64).openapi({ description: 'Six digits of the authenticator app; each is good once' })
const RecoveryCode = z.string().max(128)
const Ticket = z.string().max(128).openapi({ description: 'What POST /api/login answered' })
const PasskeyName = z.string().max(200).openapi({ description: 'At most 60 characters' })

/** As a browser's `PublicKeyCredential.toJSON()` has it; what is in it is checked by its signature. */
export const WebAuthnAnswer = z
  .looseObject({
    id: z.string().min(1).max(2_048),
    response: z.looseObject({ clientDataJSON: z.string().max(16_384) })
  })
  .openapi('WebAuthnAnswer')

/** WebAuthn's own options, in JSON, for `navigator.credentials`. */
export const WebAuthnOptions = z.looseObject({ challenge: z.string() }).openapi('WebAuthnOptions')

const proofs = { code: Code.optional(), recovery_code: RecoveryCode.optional(), passkey: WebAuthnAnswer.optional() }
const hasOne = (body: object, names: readonly string[]) =>
  names.filter((name) => (body as { [name: string]: unknown })[name] !== undefined).length === 1

export const SecondLogin = z
  .strictObject({ ticket: Ticket, ...proofs })
  .refine((body) => hasOne(body, ['code', 'recovery_code', 'passkey']), {
    error: 'send one of code, recovery_code, passkey'
  })
  .openapi('SecondLogin')

export const StepUp = z
  .strictObject({ password: Password.optional(), ...proofs })
  .refine((body) => hasOne(body, ['password', 'code', 'recovery_code', 'passkey']), {
    error: 'send one of password, code, recovery_code, passkey'
  })
  .openapi('StepUp')

export const PasskeyLogin = z.strictObject({ passkey: WebAuthnAnswer }).openapi('PasskeyLogin')
export const PasskeyLoginAsked = z.strictObject({ ticket: Ticket.optional() }).openapi('PasskeyLoginAsked')

export const Passkey = z
  .object({ id: z.string(), name: z.string(), created_at: Instant, last_used_at: Instant.nullable() })
  .openapi('Passkey')

export const SecondFactorStatus = z
  .object({
    totp: z.boolean().openapi({ description: 'Whether codes of an authenticator app are asked for' }),
    passkeys: z.array(Passkey),
    recovery_codes_left: z.int()
  })
  .openapi('SecondFactorStatus')
export type SecondFactorStatus = z.infer<typeof SecondFactorStatus>

export const TotpSecret = z
  .object({
    secret: z.string().openapi({ description: 'Base32' }),
    uri: z.string().openapi({ description: 'What a QR code says of it: otpauth://totp/…' })
  })
  .openapi('TotpSecret')
export type TotpSecret = z.infer<typeof TotpSecret>
export const TotpCode = z.strictObject({ code: Code }).openapi('TotpCode')

const Codes = z.array(z.string()).openapi({ description: 'Ten, this once' })
export const RecoveryCodes = z.object({ recovery_codes: Codes }).openapi('RecoveryCodes')
export type RecoveryCodes = z.infer<typeof RecoveryCodes>
export const FirstRecoveryCodes = z
  .object({ recovery_codes: Codes.nullable() })
  .openapi('FirstRecoveryCodes', { description: 'Null where the account has some already' })
export type FirstRecoveryCodes = z.infer<typeof FirstRecoveryCodes>

export const NewPasskey = z.strictObject({ name: PasskeyName, passkey: WebAuthnAnswer }).openapi('NewPasskey')
export const AddedPasskey = z.object({ passkey: Passkey, recovery_codes: Codes.nullable() }).openapi('AddedPasskey')
export const EditPasskey = z.strictObject({ name: PasskeyName }).openapi('EditPasskey')
export const PasskeyParam = z.object({ id: z.string().min(1).max(2_048) })
