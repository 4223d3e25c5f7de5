import { readdirSync } from 'node:fs'
import type { Server } from '@caicaini/server'
import { type Command, InvalidArgumentError } from 'commander'
import type { Context, StopSignal } from '../context.js'
import type { Io } from '../lib/io.js'
import { openServer } from '../lib/local.js'
import { dataDir } from '../lib/paths.js'

export interface Options {
  readonly host: string
  readonly port: number
  readonly catalog?: string
}

export function define(command: Command, context: () => Context): void {
  command
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--port <n>', 'the port to listen on; 0 = any free one', parsePort, 8787)
    .option('--catalog <file>', 'models, prices, plans and tiers')
    .action((options: Options) => run(options, context()))
}

/** Serves until SIGINT or SIGTERM, reading the catalog again at each SIGHUP, then lets what runs come to its end. A second signal ends it at once. */
export async function run({ host, port, catalog }: Options, context: Context): Promise<void> {
  const { io, env, platform, globals } = context
  const dir = dataDir(env, platform, globals.data)
  const isNew = isEmpty(dir)
  const server = await openServer({
    dataDir: dir,
    env,
    log: 'stderr',
    ...(catalog === undefined ? {} : { catalogPath: catalog })
  })
  // On Windows it says that the console window was closed.
  const hangupStops = platform === 'win32'
  const stopped = new Promise<StopSignal>((resolve) => {
    context.onSignal(['SIGINT', 'SIGTERM', ...(hangupStops ? (['SIGHUP'] as const) : [])], resolve)
  })
  if (!hangupStops) context.onEachSignal(['SIGHUP'], () => void reloadCatalog(server, io))
  try {
    const { url } = await server.listen({ host, port })
    const command = context.installation() ? 'caicaini' : 'npx caicaini'
    io.err(welcome({ url, dir, isNew, command, data: dir === dataDir(env, platform) ? '' : `--data ${quote(dir)} ` }))
    const signal = await stopped
    io.err(`caicaini: ${signal}: stopping once running answers have ended (again: at once)\n`)
  } finally {
    await server.close()
  }
}

/** As daemons do at SIGHUP. A bad file changes nothing. */
async function reloadCatalog(server: Pick<Server, 'reloadCatalog'>, io: Io): Promise<void> {
  try {
    await server.reloadCatalog()
    io.err('caicaini: SIGHUP: the catalog was reloaded\n')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    io.err(`caicaini: SIGHUP: the catalog was not reloaded, and the one before stays in force:\n${why}\n`)
  }
}

function isEmpty(dir: string): boolean {
  try {
    return readdirSync(dir).length === 0
  } catch {
    return true
  }
}

interface Welcome {
  readonly url: string
  readonly dir: string
  readonly isNew: boolean
  /** How the program is called here. */
  readonly command: string
  /** `--data DIR ` where it is needed. */
  readonly data: string
}

function welcome({ url, dir, isNew, command, data }: Welcome): string {
  const local = `${command} --local ${data}`
  const body = '{"model":"haiku","max_tokens":256,"stream":true,"messages":[{"role":"user","content":"say hello"}]}'
  const owner = [
    'This data directory is new. Who can read and write it is its owner, with --local; a key for the owner:',
    `  ${local}keys create --name owner`
  ]
  return [
    `caicaini: listening on ${url}`,
    `caicaini: data in ${dir}`,
    ...(isNew ? owner : []),
    'Try it:',
    `  curl -N ${url}/v1/messages -H "x-api-key: $(${local}keys create --name curl)" -H 'content-type: application/json' -d '${body}'`,
    ''
  ].join('\n')
}

/** `text` as one word of a POSIX shell. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('It must be a number from 0 to 65535.')
}
