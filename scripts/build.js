/* Bundles the CLI and the server into packages/{cli,server}/dist. Runs on the pinned runtime. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { root } from './setup.js'

/** Stay outside the bundles: native code, what loads files by name, and the server from the CLI. */
const external = [/^node:/, /^@opentelemetry\//, 'better-sqlite3', 'pino', '@caicaini/server', 'react-devtools-core']

const bundles = [
  { name: 'server', input: { index: 'src/index.ts' } },
  { name: 'cli', input: { main: 'src/main.ts' } }
]

for (const { name, input } of bundles) {
  const cwd = join(root, 'packages', name)
  rmSync(join(cwd, 'dist'), { recursive: true, force: true })
  const bundle = await rolldown({
    cwd,
    input,
    external,
    platform: 'node',
    logLevel: 'warn',
    transform: { define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' } }
  })
  await bundle.write({
    dir: join(cwd, 'dist'),
    format: 'esm',
    sourcemap: true,
    chunkFileNames: '[name]-[hash].js'
  })
  await bundle.close()
}
