import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../context.js'
import { usageError } from './cli-error.js'
import { readIfThere } from './config.js'
import { configDir } from './paths.js'

const SUFFIX = '.md'
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u

type Place = Pick<Context, 'env' | 'platform'>

/** Where saved prompts lie, each a file that any editor writes. */
export function templatesDir({ env, platform }: Place): string {
  return join(configDir(env, platform), 'templates')
}

/** The file of a template, be it there or not; a usage error where the name could be no file of ours. */
export function templatePath(name: string, place: Place): string {
  if (NAME.test(name)) return join(templatesDir(place), name + SUFFIX)
  throw usageError(
    `a template's name has letters, digits, ".", "_" and "-", and begins with one of the first two: "${name}"`
  )
}

export function listTemplates(place: Place): { name: string; text: string }[] {
  const dir = templatesDir(place)
  return namesIn(dir).map((name) => ({ name, text: readFileSync(join(dir, name + SUFFIX), 'utf8') }))
}

export function readTemplate(name: string, place: Place): string {
  const text = readIfThere(templatePath(name, place))
  if (text !== undefined) return text
  const names = namesIn(templatesDir(place))
  const known = names.length > 0 ? `there are ${names.join(', ')}` : `\`caicaini templates edit ${name}\` makes it`
  throw usageError(`no template is named "${name}": ${known}`)
}

export function writeTemplate(name: string, text: string, place: Place): void {
  const path = templatePath(name, place)
  mkdirSync(templatesDir(place), { recursive: true, mode: 0o700 })
  writeFileSync(`${path}.part`, text, { mode: 0o600 })
  renameSync(`${path}.part`, path)
}

export function removeTemplate(name: string, place: Place): void {
  readTemplate(name, place)
  rmSync(templatePath(name, place))
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => file.slice(0, -SUFFIX.length))
      .sort()
  } catch {
    return []
  }
}
