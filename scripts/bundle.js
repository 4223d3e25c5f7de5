/* Bundles the CLI and the server it embeds into one folder that needs only the packages of native code and data. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { rolldown } from 'rolldown'
import { root } from './setup.js'

/** Stay outside: native code, what is looked up as a file, and what ink loads only under its devtools. */
const external = [/^node:/, 'better-sqlite3', 'react-devtools-core']
/** Where the command finds the server it embeds, from its own bundle. */
const EMBEDDED = './server/index.js'

/** The server into `dir`. Answers the folders of the packages that are in it. */
export function bundleServer({ dir, sourcemap = false }) {
  return bundle({ name: 'server', input: { index: 'src/index.ts' }, dir, sourcemap })
}

/** The command, and what installers call, into `dir`; `version` in place of the package's. */
export function bundleCli({ dir, sourcemap = false, version }) {
  const input = { main: 'src/main.ts', setup: 'src/install/setup.ts', 'man-page': 'src/man-page.ts' }
  return bundle({
    name: 'cli',
    input,
    dir,
    sourcemap,
    plugins: [embedServer, nodeByCall, ...(version ? [say(version)] : [])]
  })
}

async function bundle({ name, input, dir, sourcemap, plugins = [] }) {
  const bundled = await rolldown({
    cwd: join(root, 'packages', name),
    input,
    external,
    plugins,
    platform: 'node',
    logLevel: 'warn',
    // The version stands where it is printed: one file less to load.
    optimization: { inlineConst: { mode: 'all', pass: 1 } },
    transform: { define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' } }
  })
  const { output } = await bundled.write({ dir, format: 'esm', sourcemap, chunkFileNames: '[name]-[hash].js' })
  await bundled.close()
  return packagesOf(output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : [])))
}

const embedServer = {
  name: 'embed-server',
  resolveId: (specifier) => (specifier === '@caicaini/server' ? { id: EMBEDDED, external: 'relative' } : null)
}

/** Loaded when a function of theirs is first called: every start checks a key's sum, few need the rest. */
const LATE = ['node:crypto', 'node:zlib']

/**
 * What is imported of Node comes by `process.getBuiltinModule`. An import makes a module of each of Node's own and reads
 * all of its names: 3 ms for `node:fs`, 4 for `node:process`, 18 for `node:http`, which loads undici for one of them.
 */
const nodeByCall = {
  name: 'node-by-call',
  renderChunk: (text) => {
    const code = text
      .replace(/^import (.+?) from "(node:[\w/]+)";$/gm, (_line, names, module) =>
        names
          .split(/, (?=\{|\*)/)
          .map((part) => bound(part, module))
          .join(' ')
      )
      .replace(/\bimport\("(node:[\w/]+)"\)/g, (_call, module) => `Promise.resolve(${moduleCall(module)})`)
    // Lines stay where they are, so the map does.
    return { code, map: null }
  }
}

/** `names` as an import has them: `{ a, b as c }`, `* as a` or `a`. */
function bound(names, module) {
  if (!names.startsWith('{')) return `const ${names.replace(/^\* as /, '')} = ${moduleCall(module)};`
  const pairs = names.match(/[\w$]+( as [\w$]+)?/g).map((pair) => pair.split(' as '))
  const isLate = LATE.includes(module) && pairs.every(([name]) => /^[a-z]/.test(name))
  if (!isLate) return `const { ${pairs.map((pair) => pair.join(': ')).join(', ')} } = ${moduleCall(module)};`
  return pairs.map(([name, own = name]) => `const ${own} = (...of) => ${moduleCall(module)}.${name}(...of);`).join(' ')
}

function moduleCall(module) {
  return `globalThis.process.getBuiltinModule("${module}")`
}

/** The same sources as another version, such as a release candidate. */
function say(version) {
  return {
    name: 'version',
    load: (id) => (id.endsWith('/cli/src/version.ts') ? `export const VERSION = ${JSON.stringify(version)}` : null)
  }
}

function packagesOf(modules) {
  const folders = modules.flatMap((id) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? [])
  return [...new Set(folders)].sort()
}

/** The names and licences of what was bundled, one after another, as their authors ask. */
export function thirdPartyNotices(folders) {
  const notices = [...new Set(folders)].map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder)
      .sort()
      .find((entry) => /^licen[cs]e/i.test(entry))
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : 'Its package has no licence text.'
    return { name, text: `${name} ${version} (${license})\n\n${text}\n` }
  })
  return notices
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ text }) => text)
    .join(`\n${'─'.repeat(78)}\n\n`)
}

/** Writes the licences and the manual page beside the bundle of the command in `dir`. */
export async function writeCompanions(dir, folders) {
  writeFileSync(join(dir, 'THIRD-PARTY.txt'), thirdPartyNotices(folders))
  const page = join(dir, 'man-page.js')
  if (!existsSync(page)) throw new Error(`${dirname(page)} has no bundle of the command`)
  const { manPage } = await import(page)
  writeFileSync(join(dir, 'caicaini.1'), await manPage())
}
