import type { Context } from 'hono'
import type { Captcha } from '../captcha/captcha.js'
import type { Closing } from '../closing/service.js'
import type { DataRequests } from '../data-requests/service.js'
import type { Devices } from '../device/service.js'
import type { Exports } from '../exports/service.js'
import type { Identity } from '../identity/service.js'
import type { Visitor } from '../identity/visitor.js'
import type { Keys } from '../keys/service.js'
import type { Leaks } from '../leaks/service.js'
import type { Clock } from '../lib/clock.js'
import type { SecondSignIn } from '../second-factor/second-sign-in.js'
import type { SecondFactor } from '../second-factor/service.js'
import type { StepUp } from '../second-factor/step-up.js'
import type { BrowserSessions } from '../sessions/service.js'
import type { Signals } from '../signals/service.js'
import type { Site } from '../site/site.js'
import type { Throttle } from '../throttle/service.js'
import type { PageEnv } from './env.js'
import type { SessionCookies } from './session-cookies.js'

/** What pages are made with. */
export interface PageDeps {
  readonly identity: Identity
  readonly sessions: BrowserSessions
  readonly secondFactor: SecondFactor
  readonly secondSignIn: SecondSignIn
  readonly stepUp: StepUp
  readonly cookies: SessionCookies
  readonly devices: Devices
  readonly exports: Exports
  readonly closing: Closing
  readonly dataRequests: DataRequests
  readonly keys: Keys
  readonly leaks: Leaks
  readonly throttle: Throttle
  readonly signals: Pick<Signals, 'noticeFor'>
  readonly clock: Clock
  readonly site: Site
  readonly captcha: Captcha
  readonly visitor: (c: Context<PageEnv>) => Visitor
}
