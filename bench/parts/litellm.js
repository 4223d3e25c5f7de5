/* LiteLLM's proxy with one worker, as it is without a database: what it spends is in memory alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveForeign } from '../lib/foreign-server.js'
import { partOptions } from '../lib/part.js'
import { litellmServer } from '../lib/peers.js'

const MASTER_KEY = 'sk-bench'
const folder = mkdtempSync(join(tmpdir(), 'caicaini-bench-'))
const config = join(folder, 'config.yaml')
const params = { model: 'anthropic/claude-haiku-4-5', api_key: 'played', api_base: partOptions().upstreamUrl }
// JSON is YAML.
writeFileSync(
  config,
  JSON.stringify({
    model_list: [{ model_name: 'claude-haiku-4-5', litellm_params: params }],
    general_settings: { master_key: MASTER_KEY }
  })
)
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

await serveForeign({
  command: litellmServer,
  argsFor: (port) => ['--config', config, '--host', '127.0.0.1', '--port', String(port), '--num_workers', '1'],
  env: { HOME: folder, LITELLM_LOG: 'ERROR', LITELLM_LOCAL_MODEL_COST_MAP: 'True' },
  path: '/health/liveliness',
  headers: { 'x-api-key': MASTER_KEY }
})
