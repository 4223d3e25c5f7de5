import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync
} from 'node:fs'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { readTar } from '../../packages/cli/src/install/untar.ts'
import { root } from '../setup.js'

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const cache = join(root, 'node_modules/.cache/release')

/** The version of a package that the lock file pins. */
export function pinnedVersion(name) {
  const version = lock.packages[`node_modules/${name}`]?.version
  if (!version) throw new Error(`package-lock.json has no ${name}`)
  return version
}

/**
 * Files of a package of the registry as the lock file pins it, by their names: `wanted` says which. Its hash is that
 * of the lock file, or this throws. It is downloaded once.
 */
export async function filesOfPackage(name, wanted) {
  const files = new Map()
  for await (const { name: path, kind, body } of readTar(createReadStream(download(name)).pipe(createGunzip()))) {
    const inside = path.split('/').slice(1).join('/')
    if (kind !== 'file' || !wanted(inside)) continue
    const chunks = []
    for await (const chunk of body) chunks.push(Buffer.from(chunk))
    files.set(inside, Buffer.concat(chunks))
  }
  return files
}

function download(name) {
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {}
  if (!version || !integrity) throw new Error(`package-lock.json does not pin ${name}`)
  const kept = join(cache, `${name.replace('/', '+')}-${version}.tgz`)
  if (existsSync(kept) && integrityOf(kept) === integrity) return kept
  const folder = join(cache, `download-${process.pid}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    const args = ['pack', `${name}@${version}`, '--pack-destination', folder, '--loglevel=error']
    const { status, stderr, error } = spawnSync('npm', args, { cwd: root, encoding: 'utf8' })
    if (status !== 0) throw new Error(`npm cannot bring ${name}@${version}: ${error?.message ?? stderr}`)
    const [file] = readdirSync(folder).map((entry) => join(folder, entry))
    if (!file || integrityOf(file) !== integrity)
      throw new Error(`${name}@${version} from the registry is not what package-lock.json pins (${integrity})`)
    renameSync(file, kept)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return kept
}

function integrityOf(file) {
  return `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`
}

/** Every file below `dir`, by its path from there. */
export function filesBelow(dir, wanted = () => true) {
  return readdirSync(dir, { recursive: true })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => statSync(join(dir, path)).isFile() && wanted(path))
    .map((path) => ({ path, data: readFileSync(join(dir, path)) }))
}
