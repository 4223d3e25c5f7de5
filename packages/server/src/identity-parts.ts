import type { Accounts } from './accounts/service.js'
import { outranks } from './admin/roles.js'
import { chooseCaptcha } from './captcha/service.js'
import type { Config } from './config.js'
import { createDevices } from './device/service.js'
import { createLinks } from './identity/links.js'
import { createIdentity } from './identity/service.js'
import type { Keys } from './keys/service.js'
import type { Ids } from './lib/ids.js'
import type { buildMailParts } from './mail-parts.js'
import type { OperatorLog } from './operator-log/service.js'
import type { World } from './parts.js'
import { createPasswords } from './passwords/hash.js'
import { createPwned } from './passwords/pwned.js'
import type { ChangeDeps, SecondFactorChange } from './second-factor/changes.js'
import { createFactorReset } from './second-factor/reset.js'
import { createSecondSignIn } from './second-factor/second-sign-in.js'
import { createSecondFactor } from './second-factor/service.js'
import { createStepUp } from './second-factor/step-up.js'
import type { Vault } from './secrets/vault.js'
import { createBrowserSessions } from './sessions/service.js'
import type { Signals } from './signals/service.js'
import type { Db } from './storage/tables.js'
import { createThrottle } from './throttle/service.js'

export interface IdentityPartsDeps
  extends Pick<World, 'clock' | 'random' | 'log' | 'fetch'>,
    ReturnType<typeof buildMailParts> {
  readonly config: Config
  readonly db: Db
  readonly vault: Vault
  readonly ids: Ids
  readonly accounts: Accounts
  readonly keys: Keys
  readonly operatorLog: OperatorLog
  readonly signals: Pick<Signals, 'judgeNewcomerIn'>
  readonly forgetKeys: () => void
}

/** What is told of a change, as the end of a sentence; null where it says nothing of who may come in. */
const SECOND_FACTOR_WORDS: Readonly<Record<SecondFactorChange, string | null>> = {
  'totp.enable': 'an authenticator app was added',
  'totp.disable': 'the authenticator app was removed',
  'recovery_codes.make': 'new recovery codes were made',
  'recovery_code.use': 'a recovery code was used',
  'passkey.add': 'a passkey was added',
  'passkey.rename': null,
  'passkey.remove': 'a passkey was removed',
  'passkey.regress': 'a passkey was refused, for a copy of it seems to be about',
  'second_factor.reset':
    'an operator took it away, app, passkeys and recovery codes, and signed out all browsers; set another one up'
}

/** Mails an account each change of its second factor. */
function tellOfFactor({ mail, clock }: Pick<IdentityPartsDeps, 'mail' | 'clock'>): ChangeDeps['onChanged'] {
  return async (tx, { accountId, what }) => {
    const told = SECOND_FACTOR_WORDS[what]
    if (told === null) return
    await mail.enqueueIn(tx, { kind: 'second_factor', accountId, data: { what: told, atMs: clock.nowMs() } })
  }
}

export type IdentityParts = ReturnType<typeof buildIdentityParts>

/** Who people are, and how they prove it. */
export function buildIdentityParts(deps: IdentityPartsDeps) {
  const { config, db, clock, random, vault, site, mail, keys, ids } = deps
  const throttle = createThrottle({ db, clock })
  const { record } = deps.operatorLog
  const sessions = createBrowserSessions({
    ...deps,
    appealContact: site.appealContact,
    onReuse: (tx, { accountId, id }) =>
      record(tx, { actorId: accountId, action: 'session.reuse', subject: accountId, detail: { session: id } })
  })
  const passwords = createPasswords({ random, ...(config.asksPwned && { isPwned: createPwned(deps) }) })
  const chosen = chooseCaptcha({ ...deps, kind: site.captcha, keys: config.captcha })
  const { captcha } = chosen
  const links = createLinks({ db, clock, random })
  const onChanged = tellOfFactor(deps)
  const secondFactor = createSecondFactor({ ...deps, sessions, record, onChanged })
  const factorReset = createFactorReset({ db, sessions, record, outranks, onChanged })
  const identity = createIdentity({
    ...deps,
    captcha,
    throttle,
    passwords,
    sessions,
    links,
    record,
    judgeNewcomer: deps.signals.judgeNewcomerIn,
    secondFactor: secondFactor.ticketFor,
    onSignedIn: async (tx, { accountId, visitor }) => {
      if (!(await sessions.isNewOriginIn(tx, accountId, visitor))) return
      const { agent, address } = visitor
      await mail.enqueueIn(tx, { kind: 'sign_in', accountId, data: { agent, address, atMs: clock.nowMs() } })
    }
  })
  const { isPassword, enterIn } = identity
  const factor = secondFactor
  const secondSignIn = createSecondSignIn({ db, throttle, factor, enterIn, record })
  const stepUp = createStepUp({ db, throttle, sessions, factor, isPassword, record })
  const devices = createDevices({ db, clock, ids, random, vault, site, throttle, keys, record })
  const proofs = { secondFactor, factorReset, secondSignIn, stepUp, devices }
  return { vault, site, throttle, sessions, passwords, links, ...chosen, identity, ...proofs, randomness: random }
}
