import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type { Env } from './io.js'

/** The secrets of this user's session, as the system keeps them. Every call throws where it does not answer. */
export interface Keychain {
  /** As it is called before the user. */
  readonly title: string
  /** undefined: there is none of that name. */
  read(name: string): string | undefined
  /** Replaces what was there. */
  write(name: string, secret: string): void
  remove(name: string): void
}

/** A locked keychain asks on a screen that nobody may be looking at: it is not waited for. */
const LIMIT_MS = 2_000

/**
 * The keychain of `platform` by its own program, which can be cut off after two seconds: a library in this process that
 * hangs on the session bus could not be. undefined where there is none to ask (Windows, no session bus), or with
 * CAICAINI_KEYCHAIN=off.
 */
export function systemKeychain(env: Env, platform: NodeJS.Platform): Keychain | undefined {
  if (env.CAICAINI_KEYCHAIN === 'off') return undefined
  if (platform === 'darwin') return macKeychain(env)
  if (platform === 'linux' && env.DBUS_SESSION_BUS_ADDRESS) return secretService(env)
  return undefined
}

/** Why `keychain` cannot be used; undefined when a secret that was put there came back. */
export function keychainFault(keychain: Keychain): string | undefined {
  const name = `probe ${randomBytes(4).toString('hex')}`
  const secret = randomBytes(8).toString('hex')
  try {
    keychain.write(name, secret)
    const back = keychain.read(name)
    keychain.remove(name)
    return back === secret ? undefined : 'it did not give back what was put there'
  } catch (error) {
    return (error as Error).message
  }
}

/** GNOME Keyring, KWallet, KeePassXC: whatever answers for the Secret Service, by `secret-tool` of libsecret. */
function secretService(env: Env): Keychain {
  const call = (args: readonly string[], input = '') => run('secret-tool', args, { env, input })
  const of = (name: string) => ['service', 'caicaini', 'name', name]
  return {
    title: "the session's keyring",
    read(name) {
      const { status, stdout, stderr } = call(['lookup', ...of(name)])
      // Without a word: there is none.
      if (status === 1 && stderr === '') return undefined
      if (status !== 0) throw new Error(stderr || `secret-tool ended with ${status}`)
      return stdout
    },
    write(name, secret) {
      expect0('secret-tool', call(['store', `--label=Caicaini Code: ${name}`, ...of(name)], secret))
    },
    remove(name) {
      const { status, stderr } = call(['clear', ...of(name)])
      if (status !== 0 && stderr !== '') throw new Error(stderr)
    }
  }
}

/** `security` of macOS takes the secret as a command on stdin: among its arguments every process could read it. */
function macKeychain(env: Env): Keychain {
  const program = '/usr/bin/security'
  const NOT_FOUND = 44
  const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`
  return {
    title: 'the login keychain',
    read(name) {
      const found = run(program, ['find-generic-password', '-s', 'caicaini', '-a', name, '-w'], { env })
      if (found.status === NOT_FOUND) return undefined
      expect0('security', found)
      return found.stdout.trim()
    },
    write(name, secret) {
      const input = `add-generic-password -U -s caicaini -a ${quoted(name)} -w ${quoted(secret)}\n`
      const written = run(program, ['-i'], { env, input })
      expect0('security', written)
      // Reading commands, it ends with 0 whatever became of them.
      if (written.stderr) throw new Error(written.stderr)
    },
    remove(name) {
      const gone = run(program, ['delete-generic-password', '-s', 'caicaini', '-a', name], { env })
      if (gone.status !== NOT_FOUND) expect0('security', gone)
    }
  }
}

interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

function run(program: string, args: readonly string[], { env, input = '' }: { env: Env; input?: string }): Ended {
  const options = { env, input, timeout: LIMIT_MS, killSignal: 'SIGKILL', encoding: 'utf8' } as const
  const { error, status, stdout, stderr } = spawnSync(program, args, options)
  if (error) throw new Error(said(error, program))
  return { status: status ?? 1, stdout, stderr: stderr.trim() }
}

function said(error: NodeJS.ErrnoException, program: string): string {
  if (error.code === 'ENOENT') return `${program} is not installed`
  return error.code === 'ETIMEDOUT' ? `${program} did not answer within ${LIMIT_MS / 1000} s` : error.message
}

function expect0(program: string, { status, stderr }: Ended): void {
  if (status !== 0) throw new Error(stderr || `${program} ended with ${status}`)
}
