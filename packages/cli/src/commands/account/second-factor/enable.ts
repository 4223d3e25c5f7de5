import type { FirstRecoveryCodes, TotpSecret } from '@caicaini/protocol/api'
import type { Command } from 'commander'
import type { Context } from '../../../context.js'
import { showsColour } from '../../../lib/io.js'
import { askCode, asOwner } from '../../../lib/owner-session.js'
import { qrText } from '../../../lib/qr-text.js'
import { neutraliseLine } from '../../../lib/sanitize.js'
import { printCodes } from './codes.js'

export function define(command: Command, context: () => Context): void {
  command
    .addHelpText(
      'after',
      '\nSigns in with your password for this alone, and signs out again.\n\n' +
        'Example:\n  caicaini account second-factor enable > recovery-codes.txt'
    )
    .action(() => run(context()))
}

/** Sets an authenticator app up: its QR code here, a first code of it, recovery codes on stdout. */
export async function run(context: Context): Promise<void> {
  const { io } = context
  await asOwner(context, async (session) => {
    const path = '/api/account/second-factor/totp'
    const { secret, uri } = await session.call<TotpSecret>('POST', path, { has: 'secret' })
    await show({ secret, uri }, context)
    const { recovery_codes } = await askCode({ question: 'Six digits it shows: ', questions: session, io }, (code) =>
      session.call<FirstRecoveryCodes>('POST', `${path}/confirm`, { body: { code }, has: 'recovery_codes' })
    )
    io.err('Signing in asks for a code of your app from now on.\n')
    if (recovery_codes) printCodes(recovery_codes, io)
    else io.err('Your recovery codes are those that you have already.\n')
  })
}

/** The text first, so that the code stands whole above the question. */
async function show({ secret, uri }: TotpSecret, { io, env }: Context): Promise<void> {
  const { columns = 80, rows = 24 } = io.streams.stderr
  const qr = await qrText(shorter(uri), { columns, rows, colour: showsColour(io.streams.stderr, env) })
  const typed = secret.replace(/.{4}(?=.)/g, '$& ')
  io.err(`Secret  ${neutraliseLine(typed)}\nLink    ${neutraliseLine(uri)}\n`)
  io.err(qr ? `Scan this with an authenticator app, or type the secret.\n${qr}` : narrow(columns))
}

const narrow = (columns: number) =>
  `${columns} columns are too few for the QR code: type the secret into an authenticator app, or widen the window and begin again.\n`

/** Without what every app takes for granted (Google Authenticator's key URI), so that the code is small. */
function shorter(uri: string): string {
  return uri.replace('&algorithm=SHA1', '').replace('&digits=6', '').replace('&period=30', '')
}
