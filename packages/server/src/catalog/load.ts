import { ConfigError } from '../lib/config-error.js'
import { type Catalog, indexCatalog } from './catalog.js'
import { checkCatalog, type Fault } from './check.js'
import defaultCatalog from './default-catalog.json' with { type: 'json' }
import { CatalogFile } from './schema.js'

export interface LoadOptions {
  /** The operator's own file; without it the shipped defaults hold. */
  readonly path?: string | undefined
  readonly readFile: (path: string) => string
}

/** Reads and checks the catalog. Throws `ConfigError`: a bad file stops the start, whole. */
export function loadCatalog({ path, readFile }: LoadOptions): Catalog {
  if (path === undefined) return parseCatalog(defaultCatalog, 'default-catalog.json')
  return parseCatalog(readJson(path, readFile), path)
}

/** The catalog in a decoded JSON value; `name` is what error messages call it. */
export function parseCatalog(value: unknown, name: string): Catalog {
  const parsed = CatalogFile.safeParse(value)
  if (!parsed.success) {
    fail(
      name,
      parsed.error.issues.map((issue) => describeIssue(issue, value))
    )
  }
  const faults = checkCatalog(parsed.data)
  if (faults.length > 0) fail(name, faults)
  return indexCatalog(parsed.data)
}

function readJson(path: string, readFile: LoadOptions['readFile']): unknown {
  let text: string
  try {
    text = readFile(path)
  } catch (error) {
    throw new ConfigError(`${path}: cannot be read: ${messageOf(error)}`)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ConfigError(`${path}: is not JSON: ${messageOf(error)}`)
  }
}

function fail(name: string, faults: readonly Fault[]): never {
  throw new ConfigError(faults.map(({ path, message }) => `${name}: ${formatPath(path)}${message}`).join('\n'))
}

type Issue = NonNullable<ReturnType<typeof CatalogFile.safeParse>['error']>['issues'][number]

function describeIssue(issue: Issue, value: unknown): Fault {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => `"${key}"`).join(', ')
    return { path: issue.path, message: `unknown field ${names}; remove it or check its spelling` }
  }
  const { found, missing } = valueAt(value, issue.path)
  if (missing) return { path: issue.path, message: `missing: ${issue.message}` }
  return { path: issue.path, message: `${issue.message}, got ${shorten(JSON.stringify(found))}` }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): { found: unknown; missing: boolean } {
  let found = value
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return { found, missing: true }
    found = (found as Record<PropertyKey, unknown>)[step]
  }
  return { found, missing: false }
}

function formatPath(path: readonly PropertyKey[]): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? String(step) : `.${String(step)}`
  }
  return text === '' ? '' : `${text}: `
}

const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text)
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
