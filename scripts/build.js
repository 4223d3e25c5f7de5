/* Bundles the server into packages/server/dist, the command with the server in it into packages/cli/dist. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundleCli, bundleServer, writeCompanions } from './bundle.js'
import { root } from './setup.js'

const server = join(root, 'packages/server/dist')
const cli = join(root, 'packages/cli/dist')
for (const dir of [server, cli]) rmSync(dir, { recursive: true, force: true })

await bundleServer({ dir: server, sourcemap: true })
const inCli = await bundleCli({ dir: cli, sourcemap: true })
const inServer = await bundleServer({ dir: join(cli, 'server'), sourcemap: true })
await writeCompanions(cli, [...inCli, ...inServer])
