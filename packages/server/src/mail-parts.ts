import type { Config } from './config.js'
import type { Ids } from './lib/ids.js'
import { createMail, type Mail } from './mail/service.js'
import { createMailTransport } from './mail/transports/index.js'
import { dayOf } from './mail/words.js'
import type { World } from './parts.js'
import type { PlansDeps } from './plans/service.js'
import { loadDataKeys } from './secrets/data-key.js'
import { createVault } from './secrets/vault.js'
import { createSite } from './site/site.js'
import type { Db } from './storage/tables.js'
import type { TermsDeps } from './terms/service.js'

export interface MailPartsDeps extends Pick<World, 'clock' | 'random' | 'log' | 'mailTransport'> {
  readonly config: Config
  readonly db: Db
  readonly ids: Ids
}

/** What is sealed, where the server is reached, and what it writes to people: all else may cause a mail. */
export function buildMailParts({ config, db, clock, random, log, ids, mailTransport }: MailPartsDeps) {
  const vault = createVault({ keys: loadDataKeys({ text: config.dataKeys, path: config.dataKeyPath, random }), random })
  const site = createSite(config.site)
  const transport = mailTransport ?? createMailTransport(config.mail, { log })
  return { vault, site, mail: createMail({ db, clock, ids, log, vault, site, transport, from: config.mail.from }) }
}

/** How others have people told of what changes for them. */
export function noticesBy({ enqueueIn }: Mail): Pick<TermsDeps, 'tell'> & Pick<PlansDeps, 'onChanged'> {
  return {
    tell: (tx, { accountId, sentences, atMs }) =>
      enqueueIn(tx, { kind: 'terms', accountId, data: { sentences, day: dayOf(atMs) } }),
    onChanged: (tx, { accountId, ...data }) => enqueueIn(tx, { kind: 'plan_change', accountId, data })
  }
}
