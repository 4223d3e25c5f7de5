import { coloursOf, isTheme, THEMES } from '../state/theme.js'
import type { SlashCommand } from './command.js'

export const LOOK: readonly SlashCommand[] = [
  {
    name: 'theme',
    takes: `[${THEMES.join('|')}]`,
    about: 'colours for a dark or a light terminal, or none',
    whileBusy: true,
    async run(name, { context, store, dialogs, chat }) {
      const items = THEMES.map((theme) => ({ value: theme, label: theme, detail: '' }))
      const chosen = name || (await dialogs.pick('Which colours?', items))
      if (chosen === undefined) return
      if (!isTheme(chosen)) throw new Error(`there is no theme "${chosen}": ${THEMES.join(', ')}`)
      await context.config().set('theme', chosen)
      const { stdout } = context.io.streams
      store.dispatch({ type: 'colours', colours: coloursOf(chosen, stdout, context.env) })
      chat.say(`theme ${chosen}: from the next message on`)
    }
  },
  {
    name: 'quit',
    also: ['exit'],
    about: 'leave (also: Ctrl-D on an empty line, Ctrl-C twice)',
    whileBusy: true,
    run: (_, { leave }) => leave()
  }
]

export const KEYS_HELP: readonly (readonly [keys: string, about: string])[] = [
  ['Enter', 'send; while an answer comes: send after it'],
  ['Shift+Enter, Ctrl-J, \\ Enter', 'a new line'],
  ['Esc', 'stop the answer; what was delivered is billed'],
  ['Ctrl-C', 'stop, then clear, then (twice) leave'],
  ['↑ ↓', 'earlier messages; ↑ also takes back one that waits'],
  ['Ctrl-R', 'search earlier messages'],
  ['Tab', 'complete a /command or an @path'],
  ['Ctrl-G', 'write in $EDITOR'],
  ['Ctrl-V', 'attach the image on the clipboard'],
  ['Ctrl-A Ctrl-E', 'to the beginning, the end of the line'],
  ['Alt-B Alt-F', 'a word back, a word forward'],
  ['Ctrl-K Ctrl-U Ctrl-W Alt-D', 'delete to the end, to the beginning, a word'],
  ['Ctrl-Y', 'put back what was deleted so'],
  ['Ctrl-_', 'undo'],
  ['Ctrl-D', 'on an empty line: leave']
]
