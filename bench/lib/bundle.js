import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Below node_modules, for a bundle finds its packages from where it lies. */
const bundles = join(root, 'node_modules/.cache/bench')

/**
 * Bundles a part's file with the sources of the server that it imports, and answers the bundle's path.
 * `replace` names a source file in whose place another is taken, but not by that other itself.
 */
export async function bundlePart(name, { replace } = {}) {
  const file = join(bundles, `${name}.js`)
  mkdirSync(dirname(file), { recursive: true })
  const bundle = await rolldown({
    cwd: root,
    input: join(root, 'bench/parts', `${name}.js`),
    external: [/^node:/, 'better-sqlite3', 'pino'],
    platform: 'node',
    logLevel: 'warn',
    plugins: [sources(replace)]
  })
  await bundle.write({ file, format: 'esm', codeSplitting: false })
  await bundle.close()
  return file
}

/** Sources name each other as `.js`, as TypeScript has it. */
function sources({ source, by } = {}) {
  return {
    name: 'sources',
    resolveId(specifier, importer) {
      if (!specifier.startsWith('.') || !importer || importer.includes('node_modules')) return null
      const path = join(dirname(importer), specifier).replace(/\.js$/, '.ts')
      if (!existsSync(path)) return null
      const isReplaced = source && path === join(root, source) && importer !== join(root, by)
      return isReplaced ? join(root, by) : path
    }
  }
}
