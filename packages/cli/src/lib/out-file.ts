import { randomUUID } from 'node:crypto'
import { access, constants, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EXIT } from '@caicaini/protocol'
import type { Context } from '../context.js'
import { CliError, usageError } from './cli-error.js'
import { neutralise } from './sanitize.js'

/** Writes a stream to stdout, or to a file that is there only once it is whole. */
export async function writeStream(
  body: AsyncIterable<Uint8Array>,
  { output, context }: { output: string | undefined; context: Pick<Context, 'io'> }
): Promise<void> {
  if (output === undefined) {
    const decoder = new TextDecoder()
    // A program gets what was sent; a terminal would obey it.
    const shown = (text: string) => (context.io.stdoutIsTty ? neutralise(text.replaceAll('\r\n', '\n')) : text)
    for await (const chunk of body) await context.io.write(shown(decoder.decode(chunk, { stream: true })))
    return
  }
  await writeWhole(output, body, 0o600)
}

/** Refuses, before anything is paid for, a file that could not be written. */
export async function requireWritable(output: string): Promise<void> {
  const facts = await stat(output).catch(() => undefined)
  if (facts && !facts.isFile()) throw usageError(`-o ${output}: it is no file`)
  const dir = dirname(output)
  await access(dir, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? `there is no folder ${dir}` : `nothing can be written in ${dir}`
    throw usageError(`-o ${output}: ${why}`)
  })
}

/** A file that is there only once it is whole; what was there before stays until then. */
export async function writeWhole(
  output: string,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  mode: number
): Promise<void> {
  const draft = `${output}.${randomUUID().slice(0, 8)}.part`
  try {
    const file = await open(draft, 'wx', mode)
    try {
      for await (const chunk of body) await file.write(chunk)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, output)
  } catch (error) {
    await rm(draft, { force: true })
    if (error instanceof Error && 'syscall' in error && 'path' in error)
      throw new CliError(EXIT.other, `${output}: cannot be written: ${error.message}`, { cause: error })
    throw error
  }
}
