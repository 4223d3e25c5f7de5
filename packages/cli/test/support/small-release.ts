import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { NODE } from './run-cli.js'

const SCRIPTS = resolve(import.meta.dirname, '../../../../scripts')

/** What the release scripts export; they are no TypeScript. */
interface Scripts {
  bundleCli(options: { dir: string; version: string }): Promise<string[]>
  filesBelow(dir: string): { path: string; data: Buffer }[]
  packTarGz(files: readonly object[], options: { level: number }): Buffer
  releaseFile(facts: { version: string; platform: string; publicKey: string }): { path: string; data: Buffer }
  makeKey(file: string): Signer
  writeVersion(dir: string, facts: object): void
  enterVersion(dir: string, facts: object): string
  sha256(data: Buffer): string
}

export interface Signer {
  readonly publicKey: string
  sign(data: Buffer): Buffer
}

export async function loadScripts(): Promise<Scripts> {
  const files = ['bundle', 'release/packages', 'release/tar', 'release/payload', 'release/keys', 'release/publish']
  const modules = await Promise.all(files.map((file) => import(join(SCRIPTS, `${file}.js`))))
  return Object.assign({}, ...modules)
}

export const PLATFORM = `linux-${process.arch}`

/** The names of the parts of one version in a releases folder. */
export function namesOf(version: string) {
  return { archive: `${version}/caicaini-${version}-${PLATFORM}.tar.gz`, sums: `${version}/SHA256SUMS` }
}

/**
 * Fills `dir` with a release as `npm run release` does, but for its runtime: a script of a few bytes that calls the
 * one on this machine, so that an archive has 1 MB and not 58. `runtimeNote` makes another runtime of it.
 */
export async function makeRelease(
  dir: string,
  { version, signer, runtimeNote = '' }: { version: string; signer: Signer; runtimeNote?: string }
): Promise<void> {
  const scripts = await loadScripts()
  const built = mkdtempSync(join(tmpdir(), 'caicaini-bundle-'))
  await scripts.bundleCli({ dir: built, version })
  const program = scripts.filesBelow(built).map(({ path, data }) => ({ path: `app/dist/${path}`, data }))
  rmSync(built, { recursive: true })
  const runtime = Buffer.from(`#!/bin/sh\n# ${runtimeNote}\nexec '${NODE}' "$@"\n`)
  const files = [
    scripts.releaseFile({ version, platform: PLATFORM, publicKey: signer.publicKey }),
    { path: 'app/package.json', data: Buffer.from('{"type":"module"}') },
    { path: 'share/man/man1/caicaini.1', data: Buffer.from('.TH CAICAINI 1\n') },
    { path: 'bin/node', data: runtime, mode: 0o755 },
    ...program
  ].map((file) => ({ mode: 0o644, ...file, path: `caicaini-${version}-${PLATFORM}/${file.path}` }))
  const archives = [{ platform: PLATFORM, data: scripts.packTarGz(files, { level: 1 }) }]
  scripts.writeVersion(dir, { version, archives, signer })
  const pins = { [PLATFORM]: scripts.sha256(runtime) }
  scripts.enterVersion(dir, { version, platforms: [PLATFORM], pins, signer })
}
