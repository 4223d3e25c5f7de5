/* Codes of authenticator apps: RFC 6238 with what every app takes (SHA-1, six digits, 30 s, 160 bits). */

const PERIOD_S = 30
const DIGITS = 6
const ALGORITHM = 'SHA1'
/** A code of the step before and of the one after are good too: clocks differ (RFC 6238, 5.2). */
const WINDOW_STEPS = 1
export const SECRET_BYTES = 20

const load = () => import('otpauth')

export async function toBase32(bytes: Uint8Array): Promise<string> {
  const { Secret } = await load()
  return new Secret({ buffer: new Uint8Array(bytes).buffer }).base32
}

/** What apps read of the QR code (Google Authenticator's key URI). */
export async function totpUri({ secret, label }: { secret: string; label: string }): Promise<string> {
  const { TOTP } = await load()
  const shape = { algorithm: ALGORITHM, digits: DIGITS, period: PERIOD_S }
  return new TOTP({ issuer: 'Caicaini Code', label, secret, ...shape }).toString()
}

/** Ready to be used where nothing may be waited for. */
export async function loadStepOf() {
  const { TOTP, Secret } = await load()
  /** The step that a code is of, if it is one of the present ones. */
  return ({ secret, code, nowMs }: { secret: string; code: string; nowMs: number }): number | undefined => {
    const token = code.replace(/\s/g, '')
    if (!/^\d{6}$/.test(token)) return undefined
    const clock = { period: PERIOD_S, timestamp: nowMs }
    const shape = { algorithm: ALGORITHM, digits: DIGITS, ...clock }
    const delta = TOTP.validate({ token, secret: Secret.fromBase32(secret), window: WINDOW_STEPS, ...shape })
    return delta === null ? undefined : TOTP.counter(clock) + delta
  }
}
