import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './stats.js'

const PAGE = Buffer.alloc(4096)
const WRITES = 100

/** What one page takes to be on disk, where the benches have their databases: no hold is durable sooner. */
export function medianSyncMs() {
  const folder = mkdtempSync(join(tmpdir(), 'caicaini-bench-'))
  const file = openSync(join(folder, 'page'), 'w')
  const times = Array.from({ length: WRITES }, () => {
    const startedAt = performance.now()
    writeSync(file, PAGE)
    fdatasyncSync(file)
    return performance.now() - startedAt
  })
  closeSync(file)
  rmSync(folder, { recursive: true })
  return median(times)
}
