import { Box, Text } from 'ink'
import { type Draft, shownText } from '../input/chips.js'
import { cutTo } from '../layout.js'

const SHOWN_MAX = 3

export interface QueueProps {
  readonly queue: readonly Draft[]
  readonly columns: number
  readonly coloured: boolean
}

/** Messages that wait, a line each. */
export function QueueView({ queue, columns, coloured }: QueueProps) {
  return (
    <Box flexDirection="column">
      {queueLines(queue).map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place on the screen
        <Text key={index} dimColor={coloured}>
          {cutTo(line, columns - 1)}
        </Text>
      ))}
    </Box>
  )
}

export function queueLines(queue: readonly Draft[]): string[] {
  const lines = queue.slice(0, SHOWN_MAX).map((draft) => `  waits: ${shownText(draft).replace(/\s+/g, ' ')}`)
  const more = queue.length - SHOWN_MAX
  return more > 0 ? [...lines, `  and ${more} more`] : lines
}
