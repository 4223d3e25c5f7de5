import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Layout } from './layout.js'

/** What an installer did, so that the program can be updated and taken away again. */
export interface Receipt {
  readonly schema: 1
  /** The server it came from: updates come from there, and it is the one to talk to unless settings say another. */
  readonly base_url: string
  /** The folder with the launcher. */
  readonly bin_dir: string
  /** Files of shells that were given a line for the PATH. */
  readonly profiles: readonly string[]
  /** The manual page, where there is one. */
  readonly man_page: string | null
}

/** Undefined where there is none; throws where it is no receipt. */
export function readReceipt({ receipt }: Pick<Layout, 'receipt'>): Receipt | undefined {
  let text: string
  try {
    text = readFileSync(receipt, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const value = parse(text)
  if (value?.schema === 1 && typeof value.base_url === 'string' && typeof value.bin_dir === 'string') return value
  throw new Error(`${receipt} is not the receipt of an installer: run the installer again`)
}

function parse(text: string): Receipt | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function writeReceipt({ receipt }: Pick<Layout, 'receipt'>, value: Receipt): void {
  const draft = `${receipt}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`)
  renameSync(draft, receipt)
}
