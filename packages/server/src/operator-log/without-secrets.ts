const REMOVED = '[removed]'
/** Keys, tokens and codes of ours by their prefix; so a text that holds one loses it, wherever it stands. */
const OWN = /cai_[a-z]+_[A-Za-z0-9_-]{6,}/g
const NAMES = /password|secret|token|captcha|totp|recovery/i

/** The same without what the log must never hold, whoever wrote it there. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(OWN, REMOVED)
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (typeof value !== 'object' || value === null) return value
  const cleaned = ([name, each]: [string, unknown]) => {
    const isSecret = NAMES.test(name) && typeof each === 'string'
    return [name, isSecret ? REMOVED : withoutSecrets(each)] as const
  }
  return Object.fromEntries(Object.entries(value).map(cleaned))
}
