import type { Closing } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../context.js'
import { openBrowser } from '../../lib/browser.js'
import { creditsPhrase } from '../../lib/money-text.js'
import { neutraliseLine } from '../../lib/sanitize.js'

export interface Options {
  readonly browser: boolean
}

export function define(command: Command, context: () => Context): void {
  command
    .option('--no-browser', 'do not open one; the address is shown anyway')
    .action((options: Options) => run(options, context()))
}

/** Says what it would mean, and where it is done: by a person who proves who they are, never by a key that may have leaked. */
export async function run({ browser }: Options, context: Context): Promise<void> {
  const { forfeits, url } = await (await context.api()).call<Closing>('GET', '/api/account/closing', { has: 'url' })
  context.io.err(
    [
      'Closing your account signs you out everywhere, ends your keys, and deletes your profile and chats within 30 days.',
      forfeits > 0 ? `${creditsPhrase(forfeits)} would be forfeited.` : 'You have no credits left.',
      'Take your data along first: caicaini account export',
      'It is done here, and asks once more:',
      ''
    ].join('\n')
  )
  context.io.out(`${neutraliseLine(url)}\n`)
  if (browser) openBrowser(url, context)
}
