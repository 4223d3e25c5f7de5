import type { InFlight } from './gateway/in-flight.js'
import type { IdentityParts } from './identity-parts.js'
import { createKeys, type Keys, type KeysDeps } from './keys/service.js'
import { createGitHubKeys, type GitHubKeysDeps } from './leaks/github-keys.js'
import { createLeaks, type Leaks } from './leaks/service.js'
import type { Plans } from './plans/service.js'
import { createStanding, type Standing, type StandingDeps } from './standing/service.js'

type Given = 'db' | 'clock' | 'ids' | 'random' | 'log' | 'foreignVersion' | 'record' | 'appealContact' | 'vault'

export interface KeyPartsDeps extends Pick<KeysDeps, Given> {
  /** Both know keys themselves, so they are there only later. */
  readonly plans: () => Plans
  readonly people: () => IdentityParts
}

/** Keys, with what plans and people say of them. */
export function buildKeys({ plans, people, ...deps }: KeyPartsDeps): Keys {
  return createKeys({
    ...deps,
    admitKey: (tx, ask) => plans().admitKey(tx, ask),
    onOldKey: (tx, key) => people().onOldKey(tx, key),
    onKeyLeaked: (tx, key) => people().onKeyLeaked(tx, key)
  })
}

/** Keys that others found, told of by them or by GitHub. */
export function buildLeaks({ keys, ...deps }: GitHubKeysDeps & { readonly keys: Keys }): Leaks {
  return createLeaks({ keys, gitHubKeys: createGitHubKeys(deps) })
}

type StandingPartsDeps = Omit<StandingDeps, 'onChanged'> & {
  readonly keys: Pick<Keys, 'forget'>
  readonly inFlight: () => Pick<InFlight, 'stopSuspended'>
}

/** Whether accounts may act; what this process remembers and streams follows at once. */
export function buildStanding({ keys, inFlight, ...deps }: StandingPartsDeps): Standing {
  const onChanged = () => {
    keys.forget()
    // It reads behind the transaction that changes it. What fails is looked at again while streams run.
    void inFlight()
      .stopSuspended()
      .catch(() => undefined)
  }
  return createStanding({ ...deps, onChanged })
}
