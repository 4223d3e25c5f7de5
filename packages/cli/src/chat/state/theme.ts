import { type Env, showsColour } from '../../lib/io.js'

export const THEMES = ['auto', 'dark', 'light', 'none'] as const
export type Theme = (typeof THEMES)[number]

export function isTheme(name: string): name is Theme {
  return (THEMES as readonly string[]).includes(name)
}

export type Colours = 'dark' | 'light' | 'none'

/** COLORFGBG ends in the background's colour (rxvt and others set it): 7 and 15 are light. */
const LIGHT_BACKGROUNDS = ['7', '15']

/** The colours that fit this terminal. NO_COLOR and a stream without colours win over any theme. */
export function coloursOf(theme: Theme, stream: { isTTY?: boolean }, env: Env): Colours {
  if (theme === 'none' || !showsColour(stream, env)) return 'none'
  if (theme !== 'auto') return theme
  const background = env.COLORFGBG?.split(';').at(-1)
  return background !== undefined && LIGHT_BACKGROUNDS.includes(background) ? 'light' : 'dark'
}
