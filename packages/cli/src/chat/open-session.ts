import { EXIT } from '@caicaini/protocol'
import type { Context } from '../context.js'
import type { ApiClient } from '../lib/api-client.js'
import { CliError } from '../lib/cli-error.js'
import { findChatId } from '../lib/find-chat.js'
import type { Tools } from './commands/command.js'
import { completeSlash, runSlash } from './commands/registry.js'
import { type Account, createAccount } from './conversation/account.js'
import { type Chat, createChat } from './conversation/chat.js'
import { newChatId } from './conversation/content.js'
import { createDialogs, type Dialogs } from './conversation/dialogs.js'
import { createInput, type Input } from './conversation/input.js'
import { openChat } from './conversation/open-chat.js'
import { createDraftFile } from './files/draft-file.js'
import { createHistory } from './files/history-file.js'
import { chatDir } from './files/private-file.js'
import type { Draft } from './input/chips.js'
import { draftOf, NEW_EDITOR, withDraft } from './input/editor.js'
import { newSession, type Session } from './state/session.js'
import { createStore, type Store } from './state/store.js'
import { coloursOf, isTheme } from './state/theme.js'

export interface Options {
  readonly model?: string | undefined
  readonly system?: string | undefined
  /** -c: go on with the last chat. */
  readonly continue?: boolean | undefined
  /** -r: that chat, or true to choose one. */
  readonly resume?: string | true | undefined
  /** False for --no-save. */
  readonly save?: boolean | undefined
  /** Plain lines in order, nothing redrawn. */
  readonly screenReader?: boolean | undefined
}

/** A chat with everything it works with, apart from the terminal that it is drawn on. */
export interface Opened {
  readonly store: Store
  readonly account: Account
  readonly chat: Chat
  readonly dialogs: Dialogs
  readonly input: Input
  /** Sends a line, or does what it says where it begins with `/`. */
  submit(draft: Draft): Promise<void>
  /** Learns whose chat this is and what is left, while one may already type; rejects (exit 4) without a valid key. */
  begin(): Promise<void>
  /** Stops what is under way, waits until its cost is known, keeps the draft. */
  leave(): Promise<void>
  /** Resolves once it was left. */
  readonly left: Promise<void>
  /** Given what hands the terminal to another program. */
  onTerminal(suspend: (action: () => Promise<void>) => Promise<void>): void
  /** Writes down what was being typed, whatever happened. */
  keepDraft(): Promise<void>
}

/** Who reads by ear has no columns. */
const UNBOUNDED = { columns: 100_000, rows: 1_000 }

/** Whether the chat is plain lines in order: for screen readers, and for terminals that cannot move the cursor. */
export function isLinear({ screenReader }: Options, { env }: Pick<Context, 'env'>): boolean {
  return screenReader === true || env.TERM === 'dumb'
}

export function openSession(options: Options, { context, api }: { context: Context; api: ApiClient }): Opened {
  const { clock, env, platform } = context
  const store = createStore(firstSession(options, context), clock)
  const dir = chatDir({ env, platform, target: context.target() })
  const history = createHistory(dir)
  const drafts = createDraftFile(dir, clock)
  const account = createAccount(context, api)
  const dialogs = createDialogs(store)
  const askAboveCredits = numberOf(context.config().get('ask-above-credits').value)
  const chat = createChat({ context, account, store, dialogs, history, askAboveCredits })
  const left = Promise.withResolvers<void>()
  // Before anything is drawn: what is below it never stands in the first row, which tmux would keep when it is erased.
  chat.say(`Caicaini Code ${context.version} · /help lists the commands`)
  let suspend = async (action: () => Promise<void>) => action()
  const keepDraft = watchDraft(store, drafts)
  let leaving: Promise<void> | undefined
  const leave = () => {
    leaving ??= (async () => {
      dialogs.answer(undefined)
      await chat.settle()
      await keepDraft()
      left.resolve()
    })()
    return leaving
  }
  const tools: Tools = {
    context,
    account,
    store,
    chat,
    dialogs,
    cwd: context.cwd,
    attach: (file: Parameters<Input['attach']>[0]) => input.attach(file),
    sequence: (text: string) => void context.io.streams.stdout.write(text),
    leave: () => void leave()
  }
  const input = createInput({
    ...tools,
    history,
    commands: {
      run: (draft) => runSlash(draft, tools) !== undefined,
      complete: (typed) => completeSlash(typed, tools)
    },
    suspend: (action) => suspend(action)
  })
  return {
    store,
    account,
    chat,
    dialogs,
    input,
    submit: (draft) => runSlash(draft, tools) ?? chat.send(draft),
    left: left.promise,
    leave,
    keepDraft,
    onTerminal: (given) => {
      suspend = given
    },
    async begin() {
      const kept = drafts.read()
      if (kept) {
        store.dispatch({ type: 'editor', editor: withDraft(NEW_EDITOR, kept.draft) })
        store.dispatch({ type: 'queue', queue: kept.queue })
      }
      await greet(tools)
      await goOn(options, tools)
    }
  }
}

function firstSession(options: Options, context: Context): Session {
  const { clock, env, io } = context
  const config = context.config()
  const theme = config.get('theme').value
  const { stdout } = io.streams
  const linear = isLinear(options, context)
  return newSession({
    model: options.model ?? config.get('model').value,
    chatId: newChatId(clock.nowMs()),
    saved: options.save ?? true,
    system: options.system,
    viewport: linear ? UNBOUNDED : { columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 },
    colours: linear ? 'none' : coloursOf(isTheme(theme) ? theme : 'auto', stdout, env),
    // The console of Linux prints what it does not know.
    links: env.TERM !== 'linux',
    plain: linear
  })
}

/** Keeps what is typed as it changes, but for a chat of which nothing is kept. */
function watchDraft(store: Store, drafts: ReturnType<typeof createDraftFile>): () => Promise<void> {
  let seen = { editor: store.get().editor, queue: store.get().queue }
  const look = () => {
    const { editor, queue, conversation } = store.get()
    if (editor.buffer.text === seen.editor.buffer.text && queue === seen.queue) return
    seen = { editor, queue }
    drafts.keep(conversation.saved ? { draft: draftOf(editor), queue } : { draft: { text: '', chips: [] }, queue: [] })
  }
  store.subscribe(look)
  return () => {
    // What changed since the last picture, too.
    look()
    return drafts.flush()
  }
}

async function greet({ account, store, chat }: Tools): Promise<void> {
  try {
    const [{ account: owner, notice }, balance] = await Promise.all([account.api().self(), account.balance()])
    store.dispatch({ type: 'opened', plan: owner.plan, balance })
    if (notice) chat.say(notice)
  } catch (error) {
    // Without a valid key there is nothing to chat with.
    if (error instanceof CliError && error.exit === EXIT.auth) throw error
    chat.fail(error)
  }
  // For prices, and what Tab completes; it is asked for again when it is needed.
  account.models().catch(() => {})
}

/** -c and -r; -m and --system stand above what the chat had. */
async function goOn({ continue: last, resume, model, system }: Options, tools: Tools): Promise<void> {
  if (!last && resume === undefined) return
  const { account, store, chat } = tools
  try {
    if (resume === true) {
      await runSlash({ text: '/resume', chips: [] }, tools)
      return
    }
    const api = account.api()
    const chosen =
      resume === undefined
        ? (await api.listChats({ limit: 1 })).chats[0]
        : await api.chat(await findChatId(api, resume))
    if (chosen) await openChat(chosen, { account, store }, { shown: true })
    else chat.say('there is no chat to go on with: this is a new one')
    if (model !== undefined) store.dispatch({ type: 'model', name: model })
    if (system !== undefined) store.dispatch({ type: 'conversation', change: { system } })
  } catch (error) {
    chat.fail(error)
  }
}

function numberOf(text: string): number | undefined {
  const number = Number(text)
  return text.trim() === '' || !Number.isFinite(number) ? undefined : number
}
