import type { Catalog } from '../catalog/catalog.js'
import { type LoadOptions, loadCatalog, parseCatalog } from '../catalog/load.js'
import type { Db } from '../storage/tables.js'

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

/**
 * The catalog to run by, and its name. A command beside a server that has a file of its own must not
 * take the shipped one for a change of everybody's terms, so it follows what the data was served with.
 */
export async function readCatalogFile(ask: CatalogFileAsk): Promise<{ file: Catalog; name: string }> {
  const { db, path, followsData, readFile } = ask
  if (path === undefined && followsData) {
    const kept = await db.selectFrom('catalog_file').select(['name', 'body']).executeTakeFirst()
    if (kept) return { file: parseCatalog(JSON.parse(kept.body), kept.name), name: kept.name }
    return { file: loadCatalog({ readFile }), name: SHIPPED }
  }
  const file = loadCatalog({ path, readFile })
  const { names: _, ...body } = file
  await db.transaction().execute(async (tx) => {
    await tx.deleteFrom('catalog_file').execute()
    if (path === undefined) return
    await tx
      .insertInto('catalog_file')
      .values({ id: 1n, name: path, body: JSON.stringify(body) })
      .execute()
  })
  return { file, name: path ?? SHIPPED }
}
