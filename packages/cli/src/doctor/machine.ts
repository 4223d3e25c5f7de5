import { accessSync, constants, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Context } from '../context.js'
import { showsColour } from '../lib/io.js'
import { type Finding, fine, wrong } from './check.js'

const COLUMNS_MIN = 60

/** What this program is and runs on. */
export function checkVersion({ version, platform }: Pick<Context, 'version' | 'platform'>, node: string): Finding {
  return fine('version', `caicaini ${version}, Node ${node}, ${platform}`)
}

export function checkConfig({ config }: Pick<Context, 'config'>): Finding {
  try {
    const { value, origin } = config().get('base-url')
    return fine('config', `${config().path}; base-url ${value} (${origin})`)
  } catch (error) {
    return wrong('config', (error as Error).message, 'mend the file, or delete it: all that it has is built in too')
  }
}

/** Where keys can be kept. A probe is written there and taken away. */
export function checkKeychain({ keys }: Pick<Context, 'keys'>): Finding {
  try {
    const store = keys()
    const { place, fault } = store.probe()
    const why = fault === undefined ? '' : ` (no keychain: ${fault})`
    return fine('keychain', `keys are kept in ${store.title(place)}${why}`)
  } catch (error) {
    return wrong(
      'keychain',
      (error as Error).message,
      'make the folder of the settings writable, or set CAICAINI_API_KEY'
    )
  }
}

export function checkTerminal({ io, env }: Pick<Context, 'io' | 'env'>): Finding {
  if (!io.stdoutIsTty) return fine('terminal', 'stdout is none: answers are plain text')
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  const colour = showsColour(io.streams.stdout, env) ? 'colours' : 'no colours'
  const said = `${env.TERM ?? 'unknown'}, ${io.columns ?? '?'} columns, ${colour}`
  if (/^(C|POSIX)$|iso-?8859/i.test(locale))
    return wrong('terminal', `${said}; the locale ${locale} is not UTF-8`, 'set LANG, such as LANG=C.UTF-8')
  if ((io.columns ?? COLUMNS_MIN) < COLUMNS_MIN)
    return wrong('terminal', said, `tables need ${COLUMNS_MIN} columns: make the window wider`)
  return fine('terminal', said)
}

/** The data directory of --local. */
export function checkData(dir: string): Finding {
  const there = existsSync(dir)
  let place = dir
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place)
  try {
    accessSync(place, constants.W_OK)
    return fine('data', there ? dir : `${dir} (made at the first use)`)
  } catch {
    return wrong('data', `${place} cannot be written`, 'make it writable, or name another with --data')
  }
}
