import { EXIT } from '@caicaini/protocol'
import type { AccountExport } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { CliError, interrupted } from '../../lib/cli-error.js'
import { sleep } from '../../lib/clock.js'
import { writeStream } from '../../lib/out-file.js'

export interface Options {
  readonly output: string
}

const LOOK_AGAIN_MS = 1_000
/** A book of millions of entries takes minutes. */
const WAIT_MS_MAX = 600_000

export function define(command: Command, context: () => Context): void {
  command
    .option('-o, --output <file>', 'where to put the ZIP', 'caicaini-export.zip')
    .action((options: Options) => run(options, context()))
}

/** Everything that the account has on the server, as one ZIP. */
export async function run({ output }: Options, context: Context): Promise<void> {
  const { io, clock } = context
  const api = await context.api()
  const stop = new AbortController()
  const unwatch = context.onSignal(['SIGINT', 'SIGTERM'], () => stop.abort(interrupted()))
  try {
    const ask = () => api.call<AccountExport>('POST', '/api/account/export', { has: 'state', signal: stop.signal })
    const untilMs = clock.nowMs() + WAIT_MS_MAX
    let found = await ask()
    if (found.state === 'pending') io.err('It is being made …\n')
    while (found.state === 'pending') {
      if (clock.nowMs() >= untilMs) throw new CliError(EXIT.other, 'it is not ready yet: run the same command later')
      await sleep(clock, LOOK_AGAIN_MS, stop.signal)
      found = await ask()
    }
    if (found.state === 'failed')
      throw new CliError(EXIT.other, 'the server could not make it: run the same command again')
    await writeStream(await api.stream(`/api/account/export/${encodeURIComponent(found.id)}`), { output, context })
    io.err(`Everything that your account has here is in ${output}.\n`)
  } finally {
    unwatch()
  }
}
