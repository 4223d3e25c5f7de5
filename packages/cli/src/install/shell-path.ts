import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Env } from '../lib/io.js'
import { quoted } from './launcher.js'

/** Ends each line that we put into a shell's file, so that it can be found again. */
const MARK = '# added by the installer of Caicaini Code'
const LOGIN_FILES = ['.bash_profile', '.bash_login', '.profile']

export function isOnPath(binDir: string, env: Env): boolean {
  return (env.PATH ?? '').split(':').some((entry) => entry.replace(/\/+$/, '') === binDir)
}

/** The files that the shells in use read: the login shell's, and those of others that have one. */
export function profilesOf(home: string, env: Env): string[] {
  const shell = basename(env.SHELL ?? '')
  const at = (name: string) => join(home, name)
  const zshrc = join(env.ZDOTDIR || home, '.zshrc')
  const fish = join(env.XDG_CONFIG_HOME || at('.config'), 'fish')
  const login = LOGIN_FILES.map(at).find((path) => existsSync(path)) ?? at('.profile')
  const isUsed = {
    bash: shell === 'bash' || existsSync(at('.bashrc')),
    zsh: shell === 'zsh' || existsSync(zshrc),
    fish: shell === 'fish' || existsSync(fish)
  }
  return [
    ...(isUsed.bash ? [at('.bashrc')] : []),
    ...(isUsed.zsh ? [zshrc] : []),
    ...(isUsed.fish ? [join(fish, 'conf.d', 'caicaini.fish')] : []),
    // Login shells of bash and sh read it, such as those that ssh begins.
    ...(isUsed.bash || !(isUsed.zsh || isUsed.fish) ? [login] : [])
  ]
}

/** Gives each file its line, unless it has it; answers those that have it now. What cannot be written is left out. */
export function addToProfiles(profiles: readonly string[], binDir: string): string[] {
  return profiles.filter((path) => {
    try {
      const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
      const line = lineFor(path, binDir)
      if (text.split('\n').includes(line)) return true
      mkdirSync(dirname(path), { recursive: true })
      const kept = withoutOurs(text)
      writeFileSync(path, `${kept}${kept === '' || kept.endsWith('\n') ? '' : '\n'}${line}\n`)
      return true
    } catch {
      return false
    }
  })
}

/** Takes our lines out again; a file that had nothing else goes too. Answers those that were changed. */
export function removeFromProfiles(profiles: readonly string[]): string[] {
  return profiles.filter((path) => {
    if (!existsSync(path)) return false
    const text = readFileSync(path, 'utf8')
    const kept = withoutOurs(text)
    if (kept === text) return false
    if (kept === '') rmSync(path)
    else writeFileSync(path, kept)
    return true
  })
}

function withoutOurs(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.endsWith(MARK))
    .join('\n')
}

function lineFor(profile: string, binDir: string): string {
  // In fish backslash and quote are escaped within single quotes.
  if (profile.endsWith('.fish')) return `fish_add_path -g '${binDir.replace(/[\\']/g, '\\$&')}' ${MARK}`
  const dir = quoted(binDir)
  return `case ":$PATH:" in *:${dir}:*) ;; *) PATH=${dir}:$PATH; export PATH ;; esac ${MARK}`
}
