import { EXIT } from '@caicaini/protocol'
import type { ApiClient } from './api-client.js'
import { CliError } from './cli-error.js'
import { creditsPhrase } from './money-text.js'

/** The refusal for lack of credits with what the balance is and what mends it; any other error unchanged. */
export async function explainCredits(
  error: unknown,
  { api, local }: { api: Pick<ApiClient, 'balance' | 'self' | 'server'>; local: boolean }
): Promise<unknown> {
  if (!(error instanceof CliError) || error.exit !== EXIT.credits) return error
  const lines = [error.message]
  if (error.code !== 'key_quota') {
    try {
      const { balance, available } = await api.balance()
      const free = available === balance ? '' : ` (${creditsPhrase(available, 2)} available)`
      lines.push(`Your balance is ${creditsPhrase(balance, 2)}${free}. More credits are needed to go on.`)
      if (local) {
        const { account } = await api.self()
        lines.push(`Add some: caicaini --local admin credits grant ${account.username} 1000`)
      }
    } catch {
      // The refusal itself is what counts.
    }
  }
  return new CliError(error.exit, lines.join('\n'), { code: error.code, requestId: error.requestId })
}
