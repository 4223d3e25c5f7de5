import { LLMock } from '@copilotkit/aimock'
import { withChatProvider } from './catalog.js'
import { createTestServer } from './server.js'

export type MockedServer = Awaited<ReturnType<typeof createMockedServer>>

/**
 * A server in front of a provider of each format, both as a maintained mock plays them, so that our own idea of the wire is
 * not the judge. `weather` is answered by a call of `get_weather`, its result by words.
 */
export async function createMockedServer() {
  const upstream = new LLMock({ port: 0, host: '127.0.0.1' })
  upstream.on({ hasToolResult: true }, { content: 'It is raining in Łódź.' })
  upstream.onMessage('hello', { content: 'Hello from the other side.' })
  upstream.onMessage('weather', { toolCalls: [{ name: 'get_weather', arguments: { city: 'Łódź' } }] })
  upstream.onMessage('structured', { content: '{"city":"Łódź","degrees":-3}' })
  await upstream.start()
  const env = { CAICAINI_ANTHROPIC_BASE_URL: upstream.url, OPENAI_API_KEY: 'sk-operator' }
  const t = await createTestServer({ env, catalog: withChatProvider(`${upstream.url}/v1`) })
  return {
    ...t,
    upstream,
    /** Of all that was billed, oldest first. */
    async stopReasons(): Promise<(string | null)[]> {
      const { receipts } = await t.get<{ receipts: { stop_reason: string | null }[] }>('/api/receipts')
      return receipts.map(({ stop_reason }) => stop_reason).reverse()
    },
    async close(): Promise<void> {
      await t.close()
      await upstream.stop()
    }
  }
}
