import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compareVersions } from '../../packages/cli/src/install/version-order.ts'
import { root } from '../setup.js'

/** The archive's name says version and platform, so that no signed sum of one can stand for another. */
export function archiveName(version, platform) {
  return `caicaini-${version}-${platform}.tar.gz`
}

/** Writes a version's archives with their signed sums. `archives` are `{ platform, data }`. */
export function writeVersion(dir, { version, archives, signer }) {
  const folder = join(dir, version)
  mkdirSync(folder, { recursive: true })
  for (const { platform, data } of archives) put(join(folder, archiveName(version, platform)), data)
  const sums = archives
    .map(({ platform, data }) => `${sha256(data)}  ${archiveName(version, platform)}\n`)
    .sort()
    .join('')
  put(join(folder, 'SHA256SUMS'), sums)
  put(join(folder, 'SHA256SUMS.sig'), signer.sign(Buffer.from(sums)))
}

/** Enters a version in the list of all, and makes the newest the one that the installers bring. */
export function enterVersion(dir, { version, platforms, pins, signer }) {
  const file = join(dir, 'manifest.json')
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).versions : []
  const kept = before.filter((one) => one.version !== version && existsSync(join(dir, one.version)))
  const versions = [...kept, { version, platforms }].sort((a, b) => compareVersions(b.version, a.version))
  const newest = versions[0].version
  const manifest = Buffer.from(`${JSON.stringify({ schema: 1, newest, versions }, null, 2)}\n`)
  put(file, manifest)
  put(`${file}.sig`, signer.sign(manifest))
  if (newest === version) {
    for (const name of ['install', 'install.ps1'])
      put(join(dir, name), installer(name, { version, pins, publicKey: signer.publicKey }))
  }
  return newest
}

/** The script with what it trusts written into it. The server puts its own address in place of @BASE_URL@. */
function installer(name, { version, pins, publicKey }) {
  const facts = {
    '@VERSION@': version,
    '@PUBLIC_KEY@': publicKey,
    '@RUNTIMES@': Object.entries(pins)
      .map(([platform, hash]) => `${platform}:${hash}`)
      .sort()
      .join(' ')
  }
  const text = readFileSync(join(root, 'scripts/installers', name), 'utf8')
  return Object.entries(facts).reduce((done, [mark, value]) => done.replaceAll(mark, value), text)
}

export function sha256(data) {
  return createHash('sha256').update(data).digest('hex')
}

function put(path, data) {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, data)
  renameSync(draft, path)
}
