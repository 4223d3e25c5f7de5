import { Box, Text } from 'ink'
import { wrapProse } from '../layout.js'
import type { Live } from '../session.js'

export interface LiveProps {
  readonly live: Live
  /** The last rows of the unfinished line. */
  readonly rows: readonly string[]
  readonly elapsedS: number
  readonly colour: boolean
}

/** The line that is being written, and under it what is going on. */
export function LiveView({ live, rows, elapsedS, colour }: LiveProps) {
  return (
    <Box flexDirection="column">
      {rows.length > 0 ? <Text>{rows.join('\n')}</Text> : null}
      <Text dimColor={colour} wrap="truncate-end">
        {statusOf(live, elapsedS)}
      </Text>
    </Box>
  )
}

/** The last rows of the unfinished line, at most `rowsMax`. */
export function liveRows({ pending }: Live, { columns, rowsMax }: { columns: number; rowsMax: number }): string[] {
  return pending ? wrapProse(pending, columns).slice(-rowsMax) : []
}

function statusOf({ stopping, waiting }: Live, elapsedS: number): string {
  return stopping ? '… stopping' : `… ${waiting ?? `${elapsedS} s`} · Esc stops`
}
