import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleCli, bundleServer, writeCompanions } from '../bundle.js'
import { root } from '../setup.js'
import { filesBelow, filesOfPackage, pinnedVersion } from './packages.js'
import { PLATFORMS } from './platforms.js'

const COUNTRIES = '@ip-location-db/geo-whois-asn-country-mmdb'

/** What is the same on every platform: the program, its data and its manual. Built anew from the sources. */
export async function buildProgram(version) {
  const dir = mkdtempSync(join(tmpdir(), 'caicaini-release-'))
  try {
    const inCli = await bundleCli({ dir, version })
    const inServer = await bundleServer({ dir: join(dir, 'server') })
    await writeCompanions(dir, [...inCli, ...inServer])
    const built = filesBelow(dir)
    const companion = (name) => built.find(({ path }) => path === name).data
    const modules = built.filter(({ path }) => path.endsWith('.js') && !path.startsWith('man-page'))
    const countries = await filesOfPackage(
      COUNTRIES,
      (path) => path === 'geo-whois-asn-country.mmdb' || !path.endsWith('.mmdb')
    )
    return [
      ...modules.map(({ path, data }) => ({ path: `app/dist/${path}`, data })),
      { path: 'app/package.json', data: json({ name: 'caicaini', version, private: true, type: 'module' }) },
      ...named(countries, `app/node_modules/${COUNTRIES}`),
      { path: 'LICENSE', data: readFileSync(join(root, 'LICENSE')) },
      { path: 'THIRD-PARTY.txt', data: companion('THIRD-PARTY.txt') },
      { path: 'share/man/man1/caicaini.1', data: companion('caicaini.1') }
    ]
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** What a platform has of its own: the runtime and the native part of better-sqlite3, as npm has them. */
export async function buildNative(platform) {
  const { runtime, native, node } = PLATFORMS[platform]
  const fromRuntime = await filesOfPackage(runtime, (path) => path === node || path === 'LICENSE')
  const program = fromRuntime.get(node)
  if (!program) throw new Error(`${runtime} has no ${node}`)
  const sqlite = await filesOfPackage(
    'better-sqlite3',
    (path) => /^(package\.json|LICENSE|lib\/.*\.js)$/.test(path) || path === `prebuilds/${native}.node`
  )
  if (!sqlite.has(`prebuilds/${native}.node`)) throw new Error(`better-sqlite3 has no native part for ${native}`)
  return {
    program,
    files: [
      { path: node, mode: 0o755, data: program },
      { path: 'NODE-LICENSE.txt', data: fromRuntime.get('LICENSE') ?? Buffer.alloc(0) },
      ...named(sqlite, 'app/node_modules/better-sqlite3')
    ]
  }
}

/** `release.json`: what the installed program knows of where it came from. */
export function releaseFile({ version, platform, publicKey }) {
  const { runtime } = PLATFORMS[platform]
  const data = json({ version, platform, runtime: pinnedVersion(runtime), public_key: publicKey })
  return { path: 'release.json', data }
}

function named(files, folder) {
  return [...files].map(([path, data]) => ({ path: `${folder}/${path}`, data }))
}

function json(value) {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`)
}
