import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { EXIT } from '@caicaini/protocol'
import { CliError } from '../lib/cli-error.js'
import type { Clock } from '../lib/clock.js'
import type { Transport } from '../lib/transport.js'
import { createWatchdog } from '../lib/watchdog.js'
import { isSignedBy } from './signature.js'
import { unpack } from './untar.js'
import { VERSION_PATTERN } from './version-order.js'

const SMALL_BYTES_MAX = 1_000_000
const ARCHIVE_BYTES_MAX = 500_000_000
/** A server that sends nothing for so long is given up. */
const SILENCE_LIMIT_MS = 30_000

export interface Manifest {
  readonly newest: string
  readonly versions: readonly { readonly version: string; readonly platforms: readonly string[] }[]
}

export interface ReleaseSource {
  /** The signed list of versions. */
  manifest(): Promise<Manifest>
  /** Downloads a version into `dir`, verifies it and unpacks it there; answers the folder of the release. */
  bring(release: { version: string; platform: string }, dir: string): Promise<string>
}

/** The releases that a server has. Nothing is believed but what `publicKey` has signed. */
export function createReleaseSource({
  transport,
  publicKey,
  clock
}: {
  readonly transport: Transport
  readonly publicKey: string
  readonly clock: Clock
}): ReleaseSource {
  const get = (path: string, bytesMax: number) => receive({ transport, clock }, { path, bytesMax })
  const signed = async (path: string) => {
    const data = await whole(get(path, SMALL_BYTES_MAX))
    const signature = await whole(get(`${path}.sig`, SMALL_BYTES_MAX))
    if (isSignedBy(publicKey, { data, signature })) return data.toString('utf8')
    throw refused(`the signature of ${path} on ${transport.name} is wrong: it is not from who made this program`)
  }
  return {
    manifest: async () => parseManifest(await signed('/releases/manifest.json')),
    async bring({ version, platform }, dir) {
      const archive = `caicaini-${version}-${platform}.tar.gz`
      const sums = await signed(`/releases/${version}/SHA256SUMS`)
      const expected = sums.split('\n').find((line) => line.endsWith(`  ${archive}`))
      const file = join(dir, 'archive.tar.gz')
      const hash = await save(get(`/releases/${version}/${archive}`, ARCHIVE_BYTES_MAX), file)
      if (expected?.slice(0, 64) !== hash)
        throw refused(`${archive} is not the one that was released (its checksum differs): try again`)
      const release = join(dir, 'release')
      await unpack(createReadStream(file).pipe(createGunzip()), release)
      return release
    }
  }
}

async function* receive(
  { transport, clock }: { transport: Transport; clock: Clock },
  { path, bytesMax }: { path: string; bytesMax: number }
): AsyncGenerator<Uint8Array> {
  const expired = () => new CliError(EXIT.network, `${transport.name} sends nothing of ${path} any more: try again`)
  const watchdog = createWatchdog(clock, { limitMs: SILENCE_LIMIT_MS, expired })
  try {
    const { status, headers, body } = await transport.send({
      method: 'GET',
      path,
      headers: {},
      signal: watchdog.signal
    })
    if (status !== 200) throw new CliError(EXIT.network, `${transport.name} has no ${path} (${status})`)
    let bytes = 0
    for await (const chunk of body) {
      watchdog.touch()
      bytes += chunk.length
      if (bytes > bytesMax) throw refused(`${path} on ${transport.name} is too large to be what it should be`)
      yield chunk
    }
    if (headers['content-length'] !== undefined && Number(headers['content-length']) !== bytes)
      throw new CliError(EXIT.network, `${path} ended too soon: try again`)
  } finally {
    watchdog.stop()
  }
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

/** Answers the SHA-256 of what was written. */
async function save(chunks: AsyncIterable<Uint8Array>, file: string): Promise<string> {
  const hash = createHash('sha256')
  const handle = await open(file, 'wx', 0o600)
  try {
    for await (const chunk of chunks) {
      hash.update(chunk)
      await handle.write(chunk)
    }
  } finally {
    await handle.close()
  }
  return hash.digest('hex')
}

/** Its maker signed it, so only its form is looked at: a newer one may have changed that. */
function parseManifest(text: string): Manifest {
  const { schema, newest, versions } = JSON.parse(text)
  if (schema === 1 && VERSION_PATTERN.test(newest) && Array.isArray(versions)) return { newest, versions }
  throw refused('the list of versions is in a form that this version does not know: run the installer again')
}

function refused(message: string): CliError {
  return new CliError(EXIT.other, message)
}
