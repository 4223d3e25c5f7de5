import { Box, Text } from 'ink'
import stringWidth from 'string-width'
import { cutTo } from '../layout.js'

export interface ListItem {
  readonly label: string
  readonly detail: string
}

export interface ListProps {
  readonly items: readonly ListItem[]
  readonly index: number
  readonly rowsMax: number
  readonly columns: number
  readonly coloured: boolean
}

/** Items below each other, the chosen one marked; as many as there is room for around it. */
export function ListView({ items, index, rowsMax, columns, coloured }: ListProps) {
  const rows = Math.max(1, rowsMax)
  const from = Math.max(0, Math.min(index - (rows >> 1), items.length - rows))
  const shown = items.slice(from, from + rows)
  const width = Math.min(columns >> 1, Math.max(0, ...shown.map(({ label }) => stringWidth(label))))
  return (
    <Box flexDirection="column">
      {shown.map(({ label, detail }, at) => {
        const isChosen = from + at === index
        const name = cutTo(label, Math.max(width, detail === '' ? columns - 2 : 0))
        const space = ' '.repeat(Math.max(0, width - stringWidth(name)))
        const text = cutTo(`${isChosen ? '❯' : ' '} ${name}${space}  ${detail}`.trimEnd(), columns - 1)
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place on the screen
          <Text key={at} bold={isChosen && coloured} {...(isChosen && coloured ? { color: 'cyan' } : {})}>
            {text}
          </Text>
        )
      })}
    </Box>
  )
}
