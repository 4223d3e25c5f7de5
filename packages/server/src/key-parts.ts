import type { Accounts } from './accounts/service.js'
import type { Config } from './config.js'
import { createKeys, type Keys, type KeysDeps } from './keys/service.js'
import { createGitHubKeys, type GitHubKeysDeps } from './leaks/github-keys.js'
import { createLeaks, type Leaks } from './leaks/service.js'
import type { Mail } from './mail/service.js'
import type { Plans } from './plans/service.js'
import { createSignals, type Signals, type SignalsDeps } from './signals/service.js'
import { createStanding, type Standing, type StandingDeps } from './standing/service.js'

type Given = 'db' | 'clock' | 'ids' | 'random' | 'log' | 'foreignVersion' | 'record' | 'appealContact' | 'vault'

export interface KeyPartsDeps extends Pick<KeysDeps, Given> {
  /** They know keys themselves, so they are there only later. */
  readonly plans: () => Plans
  readonly mail: Pick<Mail, 'enqueueIn'>
  readonly signals: () => Signals
}

const DAY_MS = 86_400_000

/** Keys, with what plans say of them, and what their owners are told by mail. */
export function buildKeys({ plans, mail, signals, ...deps }: KeyPartsDeps): Keys {
  return createKeys({
    ...deps,
    admitKey: (tx, ask) => plans().admitKey(tx, ask),
    onKeyMade: (tx, accountId) => signals().noteKeyIn(tx, accountId),
    onOldKey: async (tx, { accountId, name, hint, ageDays }) => {
      const createdAtMs = deps.clock.nowMs() - ageDays * DAY_MS
      await mail.enqueueIn(tx, { kind: 'key_old', accountId, data: { name, hint, createdAtMs } })
    },
    onKeyLeaked: async (tx, { accountId, name, hint, foundAt }) => {
      const data = { name, hint, where: foundAt ?? 'not told', atMs: deps.clock.nowMs() }
      await mail.enqueueIn(tx, { kind: 'key_leaked', accountId, data })
    }
  })
}

/** Keys that others found, told of by them or by GitHub. */
export function buildLeaks({ keys, ...deps }: GitHubKeysDeps & { readonly keys: Keys }): Leaks {
  return createLeaks({ keys, gitHubKeys: createGitHubKeys(deps) })
}

type StandingPartsDeps = Omit<StandingDeps, 'onChanged' | 'onSuspended'> & {
  readonly keys: Pick<Keys, 'forget'>
  readonly mail: Pick<Mail, 'enqueueIn'>
  /** Looks for streams that must stop. What fails is looked at again while streams run. */
  readonly onStopped: () => void
}

/** Whether accounts may act; what this process remembers and streams follows at once, and its owner is told. */
export function buildStanding({ keys, mail, onStopped, ...deps }: StandingPartsDeps): Standing {
  return createStanding({
    ...deps,
    onChanged() {
      keys.forget()
      // It reads behind the transaction that changes it.
      onStopped()
    },
    onSuspended: async (tx, { accountId, reason }) =>
      void (await mail.enqueueIn(tx, { kind: 'suspension', accountId, data: { reason } }))
  })
}

type SignalPartsDeps = Pick<SignalsDeps, 'db' | 'clock' | 'ids' | 'log' | 'operatorLog'> & {
  readonly config: Config
  readonly accounts: Pick<Accounts, 'byUsername'>
  readonly plans: Pick<Plans, 'giveReleasedIn'>
}

/** What operators should look at. */
export function buildSignals({ config, accounts, plans, ...deps }: SignalPartsDeps): Signals {
  const { withholdFrom, appealContact } = config.site
  return createSignals({
    ...deps,
    withholdFrom,
    appealContact,
    accountId: async (username) => (await accounts.byUsername(username)).id,
    giveFree: plans.giveReleasedIn
  })
}
