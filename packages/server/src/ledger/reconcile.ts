/** What is known of a charge when it is asked whether its answer was any good. */
export interface AnswerEnd {
  readonly status: string
  readonly outputTokens: number
  readonly stopReason: string | null
}

/**
 * Why a charge of a provider's bad hour is given back, undefined where its answer was whole. An answer
 * cut short by its client counts: in such an hour people stop what has stalled.
 */
export function whyBad({ status, outputTokens, stopReason }: AnswerEnd): 'cut' | 'empty' | 'error' | undefined {
  if (status === 'aborted') return 'cut'
  if (outputTokens === 0) return 'empty'
  return stopReason === null || stopReason === 'error' ? 'error' : undefined
}
