import type { Role } from '../accounts/service.js'
import type { Principal } from '../keys/key.js'

type Need = Exclude<Role, 'user'>

const RANK: Readonly<Record<Role, number>> = { user: 0, support: 1, operator: 2, owner: 3 }

/**
 * Who may call what under /admin/api: the least role. A route that is not here is nobody's but the owner's at
 * the machine itself. Support looks, and changes nothing.
 */
export const ADMIN_ROUTES: Readonly<Record<string, Need>> = {
  'GET /admin/api/users': 'support',
  'POST /admin/api/users': 'operator',
  'PUT /admin/api/users/{username}/role': 'owner',
  'GET /admin/api/users/{username}/standing': 'support',
  'POST /admin/api/users/{username}/suspend': 'operator',
  'POST /admin/api/users/{username}/unsuspend': 'operator',
  'POST /admin/api/users/{username}/ban': 'operator',
  'POST /admin/api/users/{username}/release': 'operator',
  'POST /admin/api/users/{username}/reset-second-factor': 'operator',
  'GET /admin/api/flags': 'support',
  'POST /admin/api/flags/{id}': 'operator',
  'GET /admin/api/users/{username}/limits': 'support',
  'PUT /admin/api/users/{username}/limits': 'operator',
  'GET /admin/api/users/{username}/subscription': 'support',
  'PUT /admin/api/users/{username}/subscription': 'operator',
  'DELETE /admin/api/users/{username}/subscription': 'operator',
  'GET /admin/api/catalog/changes': 'support',
  'POST /admin/api/catalog/changes/{id}/force': 'operator',
  'POST /admin/api/catalog/reload': 'operator',
  'GET /admin/api/providers': 'support',
  'POST /admin/api/providers/{name}/test': 'operator',
  'GET /admin/api/events': 'support',
  'GET /admin/api/audit': 'support',
  'GET /admin/api/data-requests': 'support',
  'POST /admin/api/data-requests/{id}/close': 'operator',
  'POST /admin/api/credits/grant': 'operator',
  'POST /admin/api/credits/take': 'operator',
  'POST /admin/api/credits/reconcile': 'operator',
  'GET /admin/api/ledger/export': 'support',
  'GET /admin/api/ledger/audit': 'support'
}

const PATTERNS = Object.entries(ADMIN_ROUTES).map(([route, need]) => {
  const [method, path = ''] = route.split(' ')
  return { method, path: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`), need }
})

/** The role that a request needs; undefined where nobody thought of it. */
export function needOf(method: string, path: string): Need | undefined {
  // A HEAD is answered as its GET is.
  const asked = method === 'HEAD' ? 'GET' : method
  return PATTERNS.find((each) => each.method === asked && each.path.test(path))?.need
}

export type Verdict = 'may' | 'no operator' | 'needs role' | 'needs second factor' | 'needs proof'

export interface Asker {
  readonly scope: Principal['key']['scope']
  readonly role: string
  /** How the browser session was proven, where it is one. */
  readonly factors: 1 | 2 | undefined
  readonly isSteppedUp: boolean
}

/** Whether somebody may do what an operator does. Changes need identity proven within the last minutes. */
export function judge(
  { scope, role, factors, isSteppedUp }: Asker,
  asked: { need: Need | undefined; isChange: boolean }
): Verdict {
  if (scope === 'local') return 'may'
  if (rankOf(role) === 0 || scope !== 'web') return 'no operator'
  if (asked.need === undefined || rankOf(role) < RANK[asked.need]) return 'needs role'
  if (factors !== 2) return 'needs second factor'
  return asked.isChange && !isSteppedUp ? 'needs proof' : 'may'
}

/** Whether one may act on the account of another: on those below, and an owner on everybody. */
export function outranks(actor: { readonly role: string }, other: { readonly role: string }): boolean {
  return actor.role === 'owner' || rankOf(actor.role) > rankOf(other.role)
}

/** What the database holds may be of a later version: an unknown role is none. */
function rankOf(role: string): number {
  return Object.hasOwn(RANK, role) ? RANK[role as Role] : 0
}
