import type { Key } from 'ink'
import type { Context } from '../../context.js'
import { attachmentOf, pathOf, readAttachment } from '../../lib/attach.js'
import { clipboardImage } from '../files/clipboard.js'
import { completePath } from '../files/complete-path.js'
import { looksDropped } from '../files/dropped.js'
import type { History } from '../files/history-file.js'
import { type Attachment, asTyped, CHIPS_MAX, type Draft, isEmpty } from '../input/chips.js'
import {
  changed,
  draftOf,
  type Editor,
  emptied,
  type Menu,
  type MenuItem,
  withChip,
  withDraft
} from '../input/editor.js'
import { type Effect, onKey, onPaste } from '../input/keys.js'
import { splitKeys } from '../input/split.js'
import { replaceRange } from '../input/text-buffer.js'
import type { Store } from '../state/store.js'
import type { Chat } from './chat.js'
import type { Dialogs } from './dialogs.js'
import { editElsewhere } from './edit-elsewhere.js'

export interface InputDeps {
  readonly context: Context
  readonly store: Store
  readonly chat: Chat
  readonly dialogs: Dialogs
  readonly history: History
  /** What begins with `/`. */
  readonly commands: {
    /** Carries out a command; false when the draft is a message. */
    run(draft: Draft): boolean
    complete(text: string): Menu | undefined
  }
  readonly leave: () => void
  /** Hands the terminal to a program for as long as `action` takes. */
  readonly suspend: (action: () => Promise<void>) => Promise<void>
  readonly cwd: string
}

/** Where keys and pastes go. */
export interface Input {
  onKey(input: string, key: Key): void
  onPaste(text: string): void
  /** Puts a file into what is being typed. */
  attach(file: Attachment): void
}

export function createInput(deps: InputDeps): Input {
  const { store, chat, dialogs, history } = deps
  const line = createInputLine(deps)
  const interrupt = createInterrupt(line, deps)
  const { now, set } = line

  const edit = async () => {
    const edited = await editElsewhere(draftOf(now()), deps)
    if (edited) set(withDraft(now(), edited))
  }
  const actions: { readonly [Type in Effect['type']]: (effect: Extract<Effect, { type: Type }>) => void } = {
    none: () => {},
    'take-back': () => {},
    typed: () => void line.complete(),
    complete: () => void line.complete({ take: true }),
    submit: ({ draft }) => line.submit(draft),
    accept: ({ item, menu, submit }) => line.accept(item, menu, submit),
    stop: chat.stop,
    interrupt: interrupt.press,
    leave: deps.leave,
    clipboard: () => void pasteImage(line, deps).catch(chat.fail),
    editor: () => void edit().catch(chat.fail)
  }

  const press = (input: string, key: Key) => {
    if (!(key.ctrl && input === 'c')) interrupt.disarm()
    store.dispatch({ type: 'hint', text: undefined }, 'soon')
    if (store.get().panel) return dialogs.onKey(input, key)
    const { editor, effect } = onKey(now(), input, key, history.entries())
    if (effect.type === 'take-back' && takeBack(line, store)) return
    if (editor !== now()) set(editor)
    const act = actions[effect.type] as (effect: Effect) => void
    act(effect)
  }

  return {
    attach: line.attach,
    onKey(input, key) {
      for (const [part, pressed] of splitKeys(input, key)) press(part, pressed)
    },
    onPaste(text) {
      if (store.get().panel || now().search) return
      if (!looksDropped(text)) return set(onPaste(now(), text))
      const path = pathOf(text, { env: deps.context.env, cwd: deps.cwd })
      // What is no file after all is text.
      void readAttachment(path).then(line.attach, () => set(onPaste(now(), text)))
    }
  }
}

/** The input line as the session has it, and what may be done with it. */
interface InputLine {
  now(): Editor
  set(editor: Editor): void
  attach(file: Attachment): void
  /** Offers what the text could be completed to; `take`: takes it where it is one thing alone. */
  complete(options?: { take: boolean }): Promise<void>
  submit(draft: Draft): void
  accept(item: MenuItem, menu: Menu, isEnter: boolean): void
}

function createInputLine({ context, store, chat, history, commands, cwd }: InputDeps): InputLine {
  const where = { env: context.env, cwd }
  const now = () => store.get().editor
  const set = (editor: Editor) => store.dispatch({ type: 'editor', editor })
  const attach = (file: Attachment) => {
    const next = withChip(now(), { kind: 'file', file })
    if (next) set(next)
    else chat.fail(new Error(`${CHIPS_MAX} files and pastes are the most that a message takes`))
  }
  const complete = async ({ take } = { take: false }) => {
    const { buffer } = now()
    const typed = buffer.text.slice(0, buffer.cursor)
    const isCommand = typed.startsWith('/') && !typed.includes(' ')
    const menu = isCommand ? commands.complete(typed) : await completePath(buffer, where)
    // Meanwhile another key may have come.
    if (now().buffer !== buffer || !(menu || now().menu)) return
    const [only, ...more] = menu?.items ?? []
    if (take && menu && only && more.length === 0) accept(only, menu, false)
    else set({ ...now(), menu })
  }
  const submit = (draft: Draft) => {
    if (isEmpty(draft)) return chat.sendNext()
    // First, for a command may put something there.
    set(emptied(now()))
    if (commands.run(draft)) return history.add(draft.text, { kept: false })
    void chat.send(draft).catch(chat.fail)
  }
  const accept = (item: MenuItem, menu: Menu, isEnter: boolean) => {
    const { buffer, chips } = now()
    const put = (text: string) =>
      set(changed(now(), { buffer: replaceRange(buffer, menu.from, buffer.cursor, text), chips }, 'other'))
    if (menu.kind === 'command')
      return isEnter && item.runs ? submit({ text: item.value, chips: [] }) : put(`${item.value} `)
    if (item.value.endsWith('/')) {
      put(`@${item.value.replace(/[\s\\]/g, '\\$&')}`)
      return void complete()
    }
    put('')
    void readAttachment(pathOf(item.value, where)).then(attach, chat.fail)
  }
  return { now, set, attach, complete, submit, accept }
}

/** Ctrl-C stops the answer, else clears the input, else leaves when pressed twice. */
function createInterrupt({ now, set }: InputLine, { store, chat, leave }: InputDeps) {
  let armed = false
  return {
    disarm() {
      armed = false
    },
    press() {
      if (chat.isBusy()) return chat.stop()
      if (now().buffer.text !== '') return set(withDraft(now(), { text: '', chips: [] }))
      if (armed) return leave()
      armed = true
      store.dispatch({ type: 'hint', text: 'Ctrl-C again leaves' })
    }
  }
}

/** The message that was queued last is in the input again; false where none waits. */
function takeBack({ now, set }: InputLine, { get, dispatch }: Store): boolean {
  const { queue } = get()
  const last = queue.at(-1)
  if (!last) return false
  dispatch({ type: 'queue', queue: queue.slice(0, -1) })
  set(withDraft(emptied(now()), asTyped(last)))
  return true
}

async function pasteImage({ attach }: InputLine, { context, store }: InputDeps): Promise<void> {
  const bytes = await clipboardImage(context)
  if (bytes) attach(attachmentOf('clipboard.png', bytes))
  else store.dispatch({ type: 'hint', text: 'no image on the clipboard that can be read here' })
}
