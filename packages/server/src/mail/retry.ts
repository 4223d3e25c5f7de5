const MINUTE_MS = 60_000
/** After each failure, the wait until the next try: two days in all. */
const WAITS_MS = [1, 5, 15, 60, 180, 360, 720, 1440].map((minutes) => minutes * MINUTE_MS)

export type AfterFailure =
  | { readonly kind: 'again'; readonly atMs: number }
  | { readonly kind: 'give up'; readonly why: string }

/** What becomes of a mail that could not be sent. `attempts` counts the try that failed. Pure. */
export function decideAfterFailure({
  attempts,
  isFinal,
  nowMs,
  untilMs
}: {
  readonly attempts: number
  readonly isFinal: boolean
  readonly nowMs: number
  /** What it says is worth nothing afterwards. */
  readonly untilMs: number | null
}): AfterFailure {
  if (isFinal) return { kind: 'give up', why: 'it was refused for good' }
  const waitMs = WAITS_MS[attempts - 1]
  if (waitMs === undefined) return { kind: 'give up', why: `it failed ${attempts} times` }
  const atMs = nowMs + waitMs
  if (untilMs !== null && atMs >= untilMs) return { kind: 'give up', why: 'it would come too late to be of use' }
  return { kind: 'again', atMs }
}
