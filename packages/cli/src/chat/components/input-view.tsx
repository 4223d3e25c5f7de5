import { Box, Text, useCursor } from 'ink'
import type { InputLayout } from '../layout.js'

/** Columns that the sign before the input takes. */
export const SIGN_COLUMNS = 2

/** The input with the terminal's own cursor in it, so that input methods compose in place. `top` = rows above it. */
export function InputView({ layout, top }: { readonly layout: InputLayout; readonly top: number }) {
  const { setCursorPosition } = useCursor()
  setCursorPosition({ x: SIGN_COLUMNS + layout.cursorColumn, y: top + layout.cursorRow })
  return (
    <Box flexDirection="column">
      {layout.rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place on the screen
        <Text key={index}>{`${index === 0 ? '› ' : '  '}${row}`}</Text>
      ))}
    </Box>
  )
}
