/*
 * A call to the gateway may say what it was for, so that its account can sum by it (GET /api/usage?by=repo):
 *   x-caicaini-repo     the repository, as host/owner/name
 *   x-caicaini-branch   its branch
 * Calls with a session key that was made with labels need none.
 */
export const LABEL_HEADERS = { repo: 'x-caicaini-repo', branch: 'x-caicaini-branch' } as const

/** Longest label that is kept. */
export const LABEL_CHARS_MAX = 200

/** A label as it is kept: letters, digits and the marks of paths; undefined where nothing is left. */
export function labelIn(text: string | null | undefined): string | undefined {
  const label = (text ?? '')
    .trim()
    .replace(/[^\w./@:+#-]/g, '_')
    .slice(0, LABEL_CHARS_MAX)
  return label === '' ? undefined : label
}
