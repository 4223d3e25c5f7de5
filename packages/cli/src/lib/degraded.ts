import type { ModelStatus } from '@caicaini/protocol/api'
import type { ApiClient } from './api-client.js'
import { CliError } from './cli-error.js'

/** The errors that a provider's bad hour ends in. */
const PROVIDER_FAILED: ReadonlySet<string | undefined> = new Set(['overloaded', 'upstream_error', 'upstream_timeout'])

/** A provider's failure with since when the model is degraded and one that is well, where the server says so; any other error unchanged. */
export async function explainDegraded(
  error: unknown,
  { api, model }: { api: Pick<ApiClient, 'status'>; model: string }
): Promise<unknown> {
  if (!(error instanceof CliError) || !PROVIDER_FAILED.has(error.code)) return error
  const models = (await api.status())?.models ?? []
  // What `auto` chose is not known here: the one that has been failing for longest is told of.
  const asked = models.filter(({ id, aliases }) => id === model || aliases.includes(model))
  const degraded = (asked.length > 0 ? asked : isAuto(model) ? models : [])
    .filter(({ state }) => state === 'degraded')
    .sort((a, b) => (a.since ?? '').localeCompare(b.since ?? ''))[0]
  if (!degraded) return error
  const well = models.find(({ state }) => state === 'ok')?.id
  const instead = well === undefined ? '' : `; ${well} is well (-m ${well})`
  return new CliError(error.exit, `${error.message}\n${degraded.id} is degraded${sinceText(degraded)}${instead}`, {
    code: error.code,
    requestId: error.requestId,
    cause: error
  })
}

/** ` since 2026-11-21 12:04 UTC`. */
export function sinceText({ since }: Pick<ModelStatus, 'since'>): string {
  return since === null ? '' : ` since ${since.slice(0, 16).replace('T', ' ')} UTC`
}

function isAuto(model: string): boolean {
  return model === 'auto' || model === 'caicaini/auto'
}
