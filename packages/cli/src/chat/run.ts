import type { Context } from '../context.js'

export async function run(
  _options: { model?: string | undefined; system?: string | undefined },
  _context: Context
): Promise<void> {}
