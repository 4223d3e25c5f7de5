import { Box, Text } from 'ink'
import { creditsOf, textTokens } from '../../lib/estimate.js'
import { creditsPhrase, grouped } from '../../lib/money-text.js'
import { renderPiece } from '../../markdown/render.js'
import { pendingOf } from '../../markdown/stream.js'
import type { Live } from '../state/session.js'
import { Rows } from './block.js'
import { type Look, markdownLookOf } from './look.js'

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧']
const SPINNER_MS = 250

export interface LiveProps {
  readonly live: Live
  /** The last rows of what is not finished. */
  readonly rows: readonly string[]
  readonly look: Look
}

/** What is being written, and under it what is going on. */
export function LiveView({ live, rows, look }: LiveProps) {
  return (
    <Box flexDirection="column">
      <Rows rows={rows} columns={look.columns} />
      <Text dimColor={look.colours !== 'none'} wrap="truncate-end">
        {statusText(live)}
      </Text>
    </Box>
  )
}

/** The last rows of what is not finished, at most `rowsMax`. */
export function liveRows({ markdown }: Live, look: Look, rowsMax: number): string[] {
  const folded = { ...markdownLookOf(look), folds: true }
  const rows = pendingOf(markdown).flatMap((piece) => renderPiece(piece, folded))
  return rows.slice(-rowsMax)
}

/** `⠙ 12 s · ~340 tokens · ~1.9 credits · Esc stops`: guesses, until the receipt says what was billed. */
export function statusText({ stopping, waiting, startedAtMs, nowMs, text, inputTokens, price }: Live): string {
  const elapsedMs = Math.max(0, nowMs - startedAtMs)
  const sign = SPINNER[Math.floor(elapsedMs / SPINNER_MS) % SPINNER.length]
  if (stopping) return `${sign} stopping`
  if (waiting) return `${sign} ${waiting.what} · Esc cancels · ${waiting.why}`
  const output = textTokens(text)
  return [
    `${sign} ${Math.floor(elapsedMs / 1000)} s`,
    ...(output === 0 ? [] : [`~${grouped(output)} tokens`]),
    ...(price === undefined ? [] : [`~${creditsPhrase(rounded(creditsOf({ input: inputTokens, output }, price)))}`]),
    'Esc stops'
  ].join(' · ')
}

function rounded(credits: number): number {
  return Math.round(credits * 100) / 100
}
