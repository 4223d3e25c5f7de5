/* The real server as it is built, for what people do before they have a key. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servePart } from '../lib/part.js'

const { createServer } = await import('../../packages/server/dist/index.js')
const dataDir = mkdtempSync(join(tmpdir(), 'caicaini-bench-'))
const server = await createServer({ dataDir, env: { CAICAINI_CAPTCHA: 'off' }, log: 'silent' })
const { url } = await server.listen({ host: '127.0.0.1', port: 0 })

servePart(
  { url },
  {
    async close() {
      await server.close()
      rmSync(dataDir, { recursive: true, force: true })
    }
  }
)
