import { Box, Text } from 'ink'
import { filtered } from '../conversation/dialogs.js'
import { wrapProse } from '../layout.js'
import type { Panel } from '../state/session.js'
import { ListView } from './list-view.js'

export interface PanelProps {
  readonly panel: Panel
  readonly columns: number
  readonly rowsMax: number
  readonly coloured: boolean
}

/** A question, in place of the input. */
export function PanelView({ panel, columns, rowsMax, coloured }: PanelProps) {
  if (panel.kind === 'confirm') {
    return (
      <Box flexDirection="column">
        <Text bold={coloured}>{wrapProse(panel.text, columns - 1).join('\n')}</Text>
        <Text dimColor={coloured}>{`${panel.yes} · ${panel.no}`}</Text>
      </Box>
    )
  }
  const items = filtered(panel)
  const index = Math.max(0, Math.min(panel.index, items.length - 1))
  return (
    <Box flexDirection="column">
      <Text bold={coloured} wrap="truncate-end">
        {panel.filter === '' ? panel.title : `${panel.title} ${panel.filter}`}
      </Text>
      {items.length === 0 ? <Text dimColor={coloured}> nothing has that in it</Text> : null}
      <ListView {...{ items, index, columns, coloured }} rowsMax={rowsMax - 2} />
      <Text dimColor={coloured} wrap="truncate-end">
        ↑ ↓ choose · Enter takes it · Esc leaves it
      </Text>
    </Box>
  )
}

/** Rows that it takes. */
export function panelRows(panel: Panel, columns: number, rowsMax: number): number {
  if (panel.kind === 'confirm') return wrapProse(panel.text, columns - 1).length + 1
  return Math.min(rowsMax, Math.max(1, filtered(panel).length) + 2)
}
