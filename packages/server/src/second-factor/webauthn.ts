import { isIP } from 'node:net'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { Site } from '../site/site.js'

/* What WebAuthn (W3C, level 3) asks and answers, in JSON. The library that checks answers is heavy, and loaded then. */

/** ES256, EdDSA, RS256: between them every authenticator there is (COSE's numbers). */
const ALGORITHMS = [-7, -8, -257]
const TIMEOUT_MS = 5 * 60_000

/** An answer as it came, of whatever shape. */
export interface WebAuthnAnswer {
  readonly id: string
  readonly response: { readonly clientDataJSON: string; readonly [name: string]: unknown }
  readonly [name: string]: unknown
}

export interface KnownPasskey {
  readonly id: string
  /** COSE, base64url. */
  readonly publicKey: string
  readonly transports: readonly string[]
}

/** To whom passkeys of this site belong. Browsers have none for bare IP addresses, nor without TLS other than on localhost. */
export function relyingParty({ publicUrl }: Pick<Site, 'publicUrl'>) {
  const { hostname, origin, protocol } = new URL(publicUrl)
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost')
  const isAddress = isIP(hostname) !== 0 || hostname.startsWith('[')
  return { id: hostname, origin, isPossible: !isAddress && (protocol === 'https:' || isLocal) }
}

export interface RegistrationAsk {
  readonly challenge: string
  readonly account: { readonly id: string; readonly username: string }
  readonly known: readonly KnownPasskey[]
}

export function registrationOptions(site: Pick<Site, 'publicUrl'>, { challenge, account, known }: RegistrationAsk) {
  return {
    challenge,
    rp: { id: relyingParty(site).id, name: 'Caicaini Code' },
    user: { id: userHandle(account.id), name: account.username, displayName: account.username },
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key' as const, alg })),
    timeout: TIMEOUT_MS,
    attestation: 'none' as const,
    excludeCredentials: descriptors(known),
    // Security keys without a PIN are good as a second factor, so nothing is demanded here.
    authenticatorSelection: { residentKey: 'preferred' as const, userVerification: 'preferred' as const }
  }
}

export interface RequestAsk {
  readonly challenge: string
  /** None: whichever the browser knows for this site. */
  readonly known: readonly KnownPasskey[]
  /** As the only proof it must tell that it knows its owner. */
  readonly isAlone: boolean
}

export function requestOptions(site: Pick<Site, 'publicUrl'>, { challenge, known, isAlone }: RequestAsk) {
  return {
    challenge,
    rpId: relyingParty(site).id,
    timeout: TIMEOUT_MS,
    userVerification: isAlone ? ('required' as const) : ('preferred' as const),
    allowCredentials: descriptors(known)
  }
}

const descriptors = (known: readonly KnownPasskey[]) =>
  known.map(({ id, transports }) => ({ type: 'public-key' as const, id, transports: [...transports] }))

/** What an authenticator keeps of whose it is: nothing that says who that is. */
export function userHandle(accountId: string): string {
  return Buffer.from(accountId).toString('base64url')
}

/** The challenge that an answer says it is to. */
export function challengeOf({ response }: WebAuthnAnswer): string {
  try {
    const { challenge } = JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString('utf8'))
    return typeof challenge === 'string' ? challenge : ''
  } catch {
    return ''
  }
}

/** What a new credential is; undefined where the answer is not what it should be. The challenge is the caller's to check. */
export async function checkRegistration(site: Pick<Site, 'publicUrl'>, answer: WebAuthnAnswer) {
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
  const { id, origin } = relyingParty(site)
  try {
    const { registrationInfo } = await verifyRegistrationResponse({
      response: answer as unknown as RegistrationResponseJSON,
      expectedChallenge: challengeOf(answer),
      expectedOrigin: origin,
      expectedRPID: id,
      requireUserVerification: false,
      supportedAlgorithmIDs: ALGORITHMS
    })
    return registrationInfo?.credential
  } catch {
    return undefined
  }
}

export interface AssertionCheck {
  readonly passkey: KnownPasskey
  readonly isAlone: boolean
}

/** The counter that a signed answer brings; undefined where it is not signed by this passkey, here, as asked. */
export async function checkAssertion(
  site: Pick<Site, 'publicUrl'>,
  answer: WebAuthnAnswer,
  { passkey: { id, publicKey }, isAlone }: AssertionCheck
): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  const party = relyingParty(site)
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: answer as unknown as AuthenticationResponseJSON,
      expectedChallenge: challengeOf(answer),
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: isAlone,
      // A counter that went back is told apart from a wrong signature by the caller: 0 is never refused here.
      credential: { id, publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')), counter: 0 }
    })
    return verified ? authenticationInfo.newCounter : undefined
  } catch {
    return undefined
  }
}

/** Whether a signed answer is of a copy: it counts no further than an earlier one did. Those that say 0 do not count. */
export function isRegression({ stored, brought }: { stored: number; brought: number }): boolean {
  return (stored > 0 || brought > 0) && brought <= stored
}
