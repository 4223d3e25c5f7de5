import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { selfSigned } from './certificate.js'

export interface Received {
  readonly messageId: string
  readonly to: readonly string[]
  readonly raw: string
  readonly isSecure: boolean
}

/** What becomes of a mail that was sent: taken, refused with a code, or left without an answer. */
export type Verdict = 'take' | 'stall' | { readonly code: number; readonly text: string }

export type PlayedSmtp = Awaited<ReturnType<typeof playSmtp>>

const USER = 'caicaini'
const PASSWORD = 'p@ss word'

/** A real SMTP server with a certificate that nobody but its own PEM file vouches for. */
export async function playSmtp({ tls = true }: { tls?: boolean } = {}) {
  const received: Received[] = []
  let decide: (mail: Received) => Verdict = () => 'take'
  let refuseRecipient: string | undefined
  const { key, cert } = selfSigned()
  const folder = mkdtempSync(join(tmpdir(), 'caicaini-smtp-'))
  const caPath = join(folder, 'ca.pem')
  writeFileSync(caPath, cert)
  const refusal = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code })

  const server = new SMTPServer({
    key,
    cert,
    ...(tls ? {} : { disabledCommands: ['STARTTLS'] }),
    allowInsecureAuth: true,
    authOptional: true,
    disableReverseLookup: true,
    onAuth: ({ username, password }, _session, done) =>
      username === USER && password === PASSWORD
        ? done(null, { user: USER })
        : done(refusal(535, 'wrong user or password')),
    onRcptTo: ({ address }, _session, done) =>
      address === refuseRecipient ? done(refusal(550, `no such mailbox ${address}`)) : done(),
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8')
        const messageId = /^message-id: *(\S+)/im.exec(raw)?.[1] ?? ''
        const to = session.envelope.rcptTo.map(({ address }) => address)
        const mail = { messageId, to, raw, isSecure: session.secure === true }
        const verdict = decide(mail)
        if (verdict === 'stall') return
        if (verdict !== 'take') return done(refusal(verdict.code, verdict.text))
        received.push(mail)
        done()
      })
    }
  })
  server.on('error', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  const sender = 'CAICAINI Test <noreply@example.org>'

  return {
    port,
    caPath,
    received,
    /** The variables of a server that sends by this one. */
    env: {
      CAICAINI_SMTP_URL: `smtp://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`,
      CAICAINI_SMTP_CA: caPath,
      CAICAINI_MAIL_FROM: sender
    },
    auth: { user: USER, pass: PASSWORD },
    play(next: typeof decide) {
      decide = next
    },
    refuse(address: string) {
      refuseRecipient = address
    },
    async close() {
      await new Promise<void>((resolve) => server.close(() => resolve()))
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
