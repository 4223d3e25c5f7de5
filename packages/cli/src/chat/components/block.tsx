import { Box, Text } from 'ink'
import { memo } from 'react'
import stringWidth from 'string-width'
import { renderPiece } from '../../markdown/render.js'
import { wrapParts, wrapProse } from '../layout.js'
import type { Block } from '../state/blocks.js'
import { type Look, markdownLookOf } from './look.js'

/** Something finished, as it stands in the scrollback. */
export const BlockView = memo(function BlockView({ block, look }: { readonly block: Block; readonly look: Look }) {
  const coloured = look.colours !== 'none'
  switch (block.kind) {
    case 'question':
      return (
        <Box marginTop={1} marginBottom={1}>
          <Text bold={coloured}>{wrapProse(`› ${block.text}`, look.columns).join('\n')}</Text>
        </Box>
      )
    case 'markdown':
      return <Rows rows={renderPiece(block.piece, markdownLookOf(look))} columns={look.columns} />
    case 'rows':
      return <Rows rows={block.rows} columns={look.columns} />
    case 'cost':
      return <Text dimColor={coloured}>{wrapParts(block.text, look.columns).join('\n')}</Text>
    case 'notice':
      return <Text dimColor={coloured}>{wrapProse(block.text, look.columns).join('\n')}</Text>
    case 'error':
      return <Text {...(coloured ? { color: 'red' } : {})}>{wrapProse(block.text, look.columns).join('\n')}</Text>
  }
})

/** Rows as they are. What is wider than the terminal is folded by it, so that it copies out as it came. */
export function Rows({ rows, columns }: { readonly rows: readonly string[]; readonly columns: number }) {
  if (rows.length === 0) return null
  const width = Math.max(columns, ...rows.map((row) => stringWidth(row)))
  return (
    <Box width={width} flexShrink={0}>
      <Text>{rows.map((row) => row || ' ').join('\n')}</Text>
    </Box>
  )
}
