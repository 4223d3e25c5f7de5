import { type Opened, type Options, openSession } from '../chat/open-session.js'
import type { Block } from '../chat/state/blocks.js'
import { renderPiece } from '../markdown/render.js'
import { settle } from './fake-clock.js'
import { json, type Play, type Played } from './play-transport.js'
import { createTestContext, type TestContext, type TestOptions } from './test-context.js'

export interface ChatScreen extends Opened {
  readonly t: TestContext
  /** What was printed so far, a block a line. */
  printed(): string[]
}

export const SELF = {
  account: { id: 'acct_1', username: 'ana', plan: 'pro' },
  key: { id: 'key_1', name: 'laptop', scope: 'cli', created_at: '2026-11-01T00:00:00.000Z' },
  notice: null
}

export const balanceOf = (balance: number) =>
  json({ balance, held: 0, available: balance, subscription: balance, topup: 0, usd: '1', grants: [] })

export const MODELS = ['opus', 'haiku'].map((name, index) => ({
  type: 'model',
  id: `caicaini/${name}`,
  aliases: [name],
  context_window: 200_000,
  capabilities: [],
  price: { input: index === 0 ? 5000 : 1000, output: index === 0 ? 25_000 : 5000 }
}))

/** Answers what every chat asks for; the rest as `play` says. */
export function chatServer(play: (request: Parameters<Play>[0], number: number) => ReturnType<Play>): Play {
  let asked = 0
  return (request) => {
    if (request.path === '/api/keys/self') return json(SELF)
    if (request.path === '/api/balance') return balanceOf(1000)
    if (request.path === '/v1/models') return json({ data: MODELS })
    if (request.path === '/api/plans') return json({ plans: [] })
    return play(request, ++asked)
  }
}

/** A chat with everything but a terminal, after its greeting. */
export async function openChatScreen(
  play: (request: Parameters<Play>[0], number: number) => Played | Promise<Played>,
  { options = {}, ...test }: TestOptions & { readonly options?: Options } = {}
): Promise<ChatScreen> {
  const t = createTestContext({ stdoutTty: true, stderrTty: true, ...test, play: test.play ?? chatServer(play) })
  const opened = openSession({ model: 'haiku', ...options }, { context: t.context, api: await t.context.api() })
  await opened.begin()
  await settle()
  return { ...opened, t, printed: () => opened.store.get().blocks.map(textOf) }
}

function textOf(block: Block): string {
  switch (block.kind) {
    case 'question':
      return `› ${block.text}`
    case 'markdown':
      return renderPiece(block.piece, { columns: 80, colour: 'none', links: false, plain: false }).join('\n')
    case 'rows':
      return block.rows.join('\n')
    case 'error':
      return `! ${block.text}`
    case 'cost':
    case 'notice':
      return block.text
  }
}
