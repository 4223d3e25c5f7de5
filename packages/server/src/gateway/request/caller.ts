import { createHash } from 'node:crypto'
import { AppError, LABEL_HEADERS, labelIn } from '@caicaini/protocol'
import { clientName, nameIn } from '../../http/client-name.js'
import type { Key } from '../../keys/key.js'

/** Longest own key of a call. */
const REPEAT_KEY_CHARS_MAX = 255

/** What a request says of who sends it, for the usage of its account. */
export interface Caller {
  /** The program and its version, such as `cli/1.0.0` or `claude-cli/2.1.0`. */
  readonly client: string | null
  /** Of Claude Code: which of its agents asks. */
  readonly agent: string | null
  /** The name of the session that the key was made for. */
  readonly session: string | null
  /** What it is for: a repository and its branch. */
  readonly repo: string | null
  readonly branch: string | null
}

/** Our own client is known by its header, whatever key it brings. */
export function clientOf({ key }: { key: { scope: string } }, headers: Pick<Headers, 'get'>): 'api' | 'cli' {
  return key.scope === 'cli' || headers.get('x-caicaini-client')?.startsWith('cli/') ? 'cli' : 'api'
}

export function callerOf(
  { key }: { key: Pick<Key, 'name' | 'parentId' | 'labels'> },
  headers: Pick<Headers, 'get'>
): Caller {
  return {
    client: clientName(headers),
    agent: nameIn(headers.get('x-claude-code-agent-id')),
    session: key.parentId === null ? null : key.name,
    repo: labelIn(headers.get(LABEL_HEADERS.repo)) ?? key.labels.repo,
    branch: labelIn(headers.get(LABEL_HEADERS.branch)) ?? key.labels.branch
  }
}

/**
 * Hash of the caller's own key of this call, null where it brings none. The header is that of the IETF
 * draft (draft-ietf-httpapi-idempotency-key-header), which the SDKs repeat on their retries.
 */
export function repeatKeyOf(headers: Pick<Headers, 'get'>): string | null {
  const value = headers.get('idempotency-key')?.trim()
  if (!value) return null
  if (value.length > REPEAT_KEY_CHARS_MAX) {
    throw new AppError(
      'invalid_request',
      `idempotency-key: must be at most ${REPEAT_KEY_CHARS_MAX} characters, got ${value.length}`
    )
  }
  return createHash('sha256').update(value).digest('hex')
}
