import type { Key } from 'ink'
import type { Panel, PickItem } from '../state/session.js'
import type { Store } from '../state/store.js'

/** Questions that take the keys until they are answered. */
export interface Dialogs {
  /** What was picked; undefined when it was left with Esc. */
  pick(title: string, items: readonly PickItem[]): Promise<string | undefined>
  confirm(question: { text: string; yes: string; no: string }): Promise<boolean>
  /** The keys go here while a question is open. */
  onKey(input: string, key: Key): void
  /** Answers the question that is open: an item's value or `yes`; undefined leaves it unanswered. */
  answer(value: string | undefined): void
}

export function createDialogs({ get, dispatch }: Store): Dialogs {
  let answer: ((value: string | undefined) => void) | undefined
  const close = (value: string | undefined) => {
    const waiting = answer
    answer = undefined
    dispatch({ type: 'panel', panel: undefined })
    waiting?.(value)
  }
  const open = (panel: Panel) => {
    answer?.(undefined)
    return new Promise<string | undefined>((resolve) => {
      answer = resolve
      dispatch({ type: 'panel', panel })
    })
  }
  return {
    pick: (title, items) => open({ kind: 'pick', title, items, filter: '', index: 0 }),
    confirm: async (question) => (await open({ kind: 'confirm', ...question })) === 'yes',
    onKey(input, key) {
      const { panel } = get()
      if (!panel) return
      const next = onPanelKey(panel, input, key)
      if ('panel' in next) dispatch({ type: 'panel', panel: next.panel })
      else close(next.value)
    },
    answer: close
  }
}

type PanelStep = { readonly panel: Panel } | { readonly value: string | undefined }

/** What a key does to a question: another state of it, or its answer. */
export function onPanelKey(panel: Panel, input: string, key: Key): PanelStep {
  if (key.escape || (key.ctrl && (input === 'c' || input === 'd'))) return { value: undefined }
  if (panel.kind === 'confirm') {
    if (key.return || /^y/i.test(input)) return { value: 'yes' }
    return /^n/i.test(input) ? { value: undefined } : { panel }
  }
  const shown = filtered(panel)
  const step = key.upArrow || (key.ctrl && input === 'p') ? -1 : key.downArrow || (key.ctrl && input === 'n') ? 1 : 0
  if (step !== 0) return { panel: { ...panel, index: clamp(panel.index + step, shown.length) } }
  if (key.return || /[\r\n]$/.test(input)) {
    const typed = { ...panel, filter: panel.filter + input.replace(/[\r\n]+$/, '') }
    return { value: filtered(typed)[clamp(panel.index, filtered(typed).length)]?.value }
  }
  if (key.backspace) return { panel: { ...panel, filter: [...panel.filter].slice(0, -1).join(''), index: 0 } }
  if (key.ctrl || key.meta || key.tab || input === '') return { panel }
  return { panel: { ...panel, filter: panel.filter + input, index: 0 } }
}

/** The items that have every word of the filter in them. */
export function filtered({ items, filter }: Extract<Panel, { kind: 'pick' }>): readonly PickItem[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return items
  return items.filter(({ label, detail, value }) => {
    const text = `${label} ${detail} ${value}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

function clamp(index: number, length: number): number {
  return Math.max(0, Math.min(index, length - 1))
}
