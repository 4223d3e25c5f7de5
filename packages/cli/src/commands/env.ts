import { type Command, Option } from 'commander'
import type { Context } from '../context.js'
import { usageError } from '../lib/cli-error.js'
import { SHELLS, type Shell, shellLines, shellOf, toolEnv } from '../lib/tool-env.js'

export interface Options {
  readonly shell?: Shell
}

export function define(command: Command, context: () => Context): void {
  command
    .addOption(new Option('--shell <name>', 'whose words to print; that of $SHELL when left out').choices(SHELLS))
    .addHelpText(
      'after',
      '\nExamples:\n  eval "$(caicaini env)"\n  caicaini env --shell fish | source\n' +
        '  caicaini env --shell powershell | Invoke-Expression'
    )
    .action((options: Options) => run(options, context()))
}

/** The variables that other tools need, with the key in use. */
export async function run({ shell }: Options, context: Context): Promise<void> {
  const { io, env, platform } = context
  const target = context.target()
  if (target.kind === 'local')
    throw usageError('--local has no address and no key that others could use: caicaini --local run -- COMMAND has')
  const api = await context.api()
  const key = context.keys().find(target.baseUrl)?.key ?? ''
  const tools = toolEnv({ baseUrl: target.baseUrl, key, models: await api.models() })
  io.out(shellLines(tools, shell ?? shellOf(env, platform)))
}
