/** What is wrong with the database file, by the beginning of SQLite's code, and what mends it. */
const TROUBLES = [
  ['SQLITE_FULL', 'the disk is full: free some space on it'],
  ['SQLITE_BUSY', 'another process has kept it locked for too long: stop what else works on this file'],
  [
    'SQLITE_CORRUPT',
    'the file is damaged: move it and the files named like it (-wal, -shm) away, and restore a backup'
  ],
  ['SQLITE_NOTADB', 'the file is damaged, or no database: move it away, and restore a backup'],
  ['SQLITE_READONLY', 'it cannot be written: check the owner and the permissions of the file and its folder'],
  ['SQLITE_CANTOPEN', 'it cannot be opened: check the owner and the permissions of the file and its folder'],
  ['SQLITE_IOERR', 'the disk cannot be read or written: check it, and the space on it']
] as const

/** For the operator: what is wrong with the database, and the mend; undefined where the error is another one. */
export function databaseTrouble(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const trouble = TROUBLES.find(([prefix]) => code.startsWith(prefix))
  return trouble && error instanceof Error ? `${trouble[1]} (${error.message})` : undefined
}
