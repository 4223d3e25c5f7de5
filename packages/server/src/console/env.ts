import type { HttpEnv } from '../http/context.js'
import type { Session } from '../sessions/session.js'

/** What reaches a page's handler. */
export interface PageEnv {
  Bindings: HttpEnv['Bindings']
  Variables: HttpEnv['Variables'] & {
    /** For the scripts of this answer alone. */
    nonce: string
    /** Who is signed in with this browser, if anyone. */
    session: Session | undefined
  }
}
