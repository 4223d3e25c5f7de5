import { Box, Text } from 'ink'
import { memo } from 'react'
import stringWidth from 'string-width'
import { wrapProse } from '../layout.js'
import type { Block } from '../session.js'

export interface BlockProps {
  readonly block: Block
  readonly columns: number
  readonly colour: boolean
}

/** Something finished, as it stands in the scrollback. */
export const BlockView = memo(function BlockView({ block: { kind, text }, columns, colour }: BlockProps) {
  switch (kind) {
    case 'question':
      return (
        <Box marginTop={1} marginBottom={1}>
          <Text bold={colour}>{wrapProse(`› ${text}`, columns).join('\n')}</Text>
        </Box>
      )
    case 'code':
      return <Unwrapped text={text} />
    case 'text':
      // An empty line must keep its height.
      return <Text>{wrapProse(text, columns).join('\n') || ' '}</Text>
    case 'cost':
    case 'notice':
      return <Text dimColor={colour}>{wrapProse(text, columns).join('\n')}</Text>
    case 'error':
      return <Text {...(colour ? { color: 'red' } : {})}>{wrapProse(text, columns).join('\n')}</Text>
  }
})

/** As wide as it is: the terminal folds it, so that it copies out as it came. */
function Unwrapped({ text }: { text: string }) {
  const shown = text.replaceAll('\t', '    ')
  return (
    <Box width={Math.max(1, stringWidth(shown))} flexShrink={0}>
      <Text>{shown || ' '}</Text>
    </Box>
  )
}
