import type { Catalog } from '../catalog/catalog.js'
import { type LoadOptions, loadCatalog, parseCatalog } from '../catalog/load.js'
import type { Db, Tx } from '../storage/tables.js'

/** What error messages call the shipped catalog. */
const SHIPPED = 'default-catalog.json'

export interface CatalogFileAsk {
  readonly db: Db
  /** The operator's own file; undefined = none was named. */
  readonly path: string | undefined
  /** Where none was named: the one that the data was last served with, not the shipped one. */
  readonly followsData: boolean
  readonly readFile: LoadOptions['readFile']
}

export interface FoundCatalog {
  readonly file: Catalog
  /** What error messages call it. */
  readonly name: string
}

/**
 * The catalog to run by. A command beside a server that has a file of its own must not take the shipped
 * one for a change of everybody's terms, so it follows what the data was served with. Writes nothing.
 */
export async function findCatalogFile({ db, path, followsData, readFile }: CatalogFileAsk): Promise<FoundCatalog> {
  if (path !== undefined || !followsData) return { file: loadCatalog({ path, readFile }), name: path ?? SHIPPED }
  const kept = await db.selectFrom('catalog_file').select(['name', 'body']).executeTakeFirst()
  if (kept) return { file: parseCatalog(JSON.parse(kept.body), kept.name), name: kept.name }
  return { file: loadCatalog({ readFile }), name: SHIPPED }
}

/** Keeps what the data is served with, for those commands; one that follows has nothing to keep. */
export async function keepCatalogFile(
  tx: Tx,
  { path, followsData }: Pick<CatalogFileAsk, 'path' | 'followsData'>,
  { file, name }: FoundCatalog
): Promise<void> {
  if (path === undefined && followsData) return
  const { names: _, ...body } = file
  await tx.deleteFrom('catalog_file').execute()
  if (path === undefined) return
  await tx
    .insertInto('catalog_file')
    .values({ id: 1n, name, body: JSON.stringify(body) })
    .execute()
}
