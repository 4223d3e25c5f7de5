import { spawn } from 'node:child_process'
import { EXIT } from '@caicaini/protocol'
import { CliError } from './cli-error.js'
import type { Env } from './io.js'

/** Opens a file in the user's own editor ($VISUAL, $EDITOR) and waits until it was left. */
export function openEditor(path: string, { env, platform }: { env: Env; platform: NodeJS.Platform }): Promise<void> {
  const editor = env.VISUAL || env.EDITOR || (platform === 'win32' ? 'notepad' : 'vi')
  return new Promise((resolve, reject) => {
    // By convention a command with its arguments, as a shell reads it.
    const child =
      platform === 'win32'
        ? spawn(`${editor} "${path}"`, { stdio: 'inherit', shell: true })
        : spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', path], { stdio: 'inherit' })
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0
        ? resolve()
        : reject(new CliError(EXIT.other, `${editor} ended with ${code}; ${path} is as it left it`))
    )
  })
}
