/* Runs on the pinned runtime; scripts/release.js starts it. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { VERSION_PATTERN } from '../../packages/cli/src/install/version-order.ts'
import { root } from '../setup.js'
import { makeKey, readSigner } from './keys.js'
import { buildNative, buildProgram, releaseFile } from './payload.js'
import { PLATFORMS } from './platforms.js'
import { archiveName, enterVersion, sha256, writeVersion } from './publish.js'
import { packTarGz } from './tar.js'

const USAGE = `Usage: npm run release -- [options]
  --new-key FILE     make a key pair, write its private half to FILE and end
  --key FILE         sign with that private key (else the PEM text in CAICAINI_RELEASE_KEY)
  --serve DIR        where to put it: what CAICAINI_RELEASES of \`caicaini serve\` names (default: release)
  --platform NAME    only for that platform (repeatable): ${Object.keys(PLATFORMS).join(', ')}
  --version VERSION  in place of that of packages/cli/package.json
  --fast             compress less: for trying things out
`
const MEGABYTES_MOST = 60

try {
  await main()
} catch (error) {
  process.stderr.write(`release: ${error.message}\n`)
  process.exitCode ||= 1
}

async function main() {
  const { values } = parseArgs({
    options: {
      'new-key': { type: 'string' },
      key: { type: 'string' },
      serve: { type: 'string', default: 'release' },
      platform: { type: 'string', multiple: true, default: Object.keys(PLATFORMS) },
      version: { type: 'string', default: JSON.parse(readFileSync(join(root, 'packages/cli/package.json'))).version },
      fast: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false }
    }
  })
  if (values.help) return void process.stdout.write(USAGE)
  if (values['new-key'] !== undefined) return newKey(resolve(values['new-key']))
  const bad = values.platform.find((name) => !(name in PLATFORMS))
  if (bad) throw new Error(`--platform: there is no ${bad}; there are ${Object.keys(PLATFORMS).join(', ')}`)
  if (!VERSION_PATTERN.test(values.version)) throw new Error(`--version: must be like 1.2.3, got "${values.version}"`)
  await release({ ...values, dir: resolve(values.serve), signer: signerFor(values.key) })
}

function newKey(file) {
  if (existsSync(file)) throw new Error(`${file} is there already: it is not overwritten`)
  const { publicKey } = makeKey(file)
  process.stdout.write(`private key: ${file} (keep it secret, and keep it)\npublic key:  ${publicKey}\n`)
}

function signerFor(file) {
  const text = process.env.CAICAINI_RELEASE_KEY
  if (file === undefined && !text)
    throw new Error('no key to sign with: --key FILE, or CAICAINI_RELEASE_KEY; --new-key FILE makes one')
  return readSigner({ file, text })
}

async function release({ dir, version, platform: platforms, fast, signer }) {
  const program = await buildProgram(version)
  const archives = []
  const pins = {}
  for (const platform of platforms) {
    const { program: runtime, files } = await buildNative(platform)
    pins[platform] = sha256(runtime)
    const facts = releaseFile({ version, platform, publicKey: signer.publicKey })
    const top = archiveName(version, platform).replace('.tar.gz', '')
    const all = [facts, ...program, ...files].map(({ path, mode = 0o644, data }) => ({
      path: `${top}/${path}`,
      mode,
      data
    }))
    const data = packTarGz(all, { level: fast ? 1 : 9 })
    const megabytes = data.length / 1e6
    process.stdout.write(`${archiveName(version, platform).padEnd(40)} ${megabytes.toFixed(1).padStart(6)} MB\n`)
    if (!fast && megabytes > MEGABYTES_MOST) throw new Error(`the archive is above ${MEGABYTES_MOST} MB`)
    archives.push({ platform, data })
  }
  writeVersion(dir, { version, archives, signer })
  const newest = enterVersion(dir, { version, platforms, pins, signer })
  process.stdout.write(`${dir}: ${version} is there${newest === version ? '' : `; ${newest} stays the newest`}\n`)
}
