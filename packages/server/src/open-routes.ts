import { CAPTCHA_ROUTE } from './captcha/routes.js'
import { PUBLIC_DEVICE_ROUTES } from './device/routes.js'
import { MAILED_ROUTES } from './identity/account-routes.js'
import { PUBLIC_IDENTITY_ROUTES } from './identity/routes.js'
import { PUBLIC_SECOND_FACTOR_ROUTES } from './second-factor/sign-in-routes.js'

/** Of what is under /api, what anybody may ask. */
export const OPEN = ['/api/openapi.json', '/api/hello', CAPTCHA_ROUTE]

/** Where those ask who have no key or session yet. */
export const PUBLIC = [
  ...PUBLIC_IDENTITY_ROUTES,
  ...PUBLIC_SECOND_FACTOR_ROUTES,
  ...PUBLIC_DEVICE_ROUTES,
  ...MAILED_ROUTES
]

/** Whether a route wants neither a key nor a session; a webhook has its sender's signature. */
export function isOpen(path: string): boolean {
  return path.startsWith('/webhooks/') || [...OPEN, ...PUBLIC].includes(path)
}
