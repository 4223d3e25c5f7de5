import { Argument, type Command } from 'commander'
import { COMPLETION_SCRIPTS } from '../../completion/scripts.js'
import type { Context } from '../../context.js'
import { SHELLS, type Shell } from '../../lib/tool-env.js'

export function define(command: Command, context: () => Context): void {
  command
    .addArgument(new Argument('<shell>', 'whose').choices(SHELLS))
    .addHelpText(
      'after',
      '\nExamples:\n  eval "$(caicaini completion bash)"\n  eval "$(caicaini completion zsh)"\n' +
        '  caicaini completion fish > ~/.config/fish/completions/caicaini.fish\n' +
        '  caicaini completion powershell | Out-String | Invoke-Expression'
    )
    .action((shell: Shell) => run(shell, context()))
}

export async function run(shell: Shell, { io }: Pick<Context, 'io'>): Promise<void> {
  io.out(COMPLETION_SCRIPTS[shell])
}
