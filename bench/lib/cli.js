import { fileURLToPath } from 'node:url'

/** The built command line as people run it. */
export const cli = fileURLToPath(new URL('../../packages/cli/bin/caicaini.js', import.meta.url))
