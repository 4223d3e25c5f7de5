import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CLI, createHome, type Home, NODE, runCli } from './support/run-cli.js'

let home: Home
let env: Record<string, string>

beforeEach(() => {
  home = createHome()
  const bin = join(home.dir, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'caicaini'), `#!/bin/sh\nexec '${NODE}' '${CLI}' "$@"\n`, { mode: 0o755 })
  symlinkSync(NODE, join(bin, 'node'))
  env = { ...home.env, PATH: `${bin}:/usr/bin:/bin`, TERM: 'dumb' }
})

afterEach(() => home.remove())

const shell = (name: string) => ['/usr/bin', '/bin'].map((dir) => join(dir, name)).find((path) => existsSync(path))
const bash = shell('bash') ?? ''
const zsh = shell('zsh') ?? ''
const fish = shell('fish') ?? ''

test.skipIf(!bash)('bash completes commands, options and what the server knows', () => {
  const tab = (...words: string[]) => {
    const line = words.map((word) => `'${word}'`).join(' ')
    const script = `eval "$(caicaini completion bash)"
COMP_WORDS=(caicaini ${line}); COMP_CWORD=${words.length}; _caicaini; printf '%s\\n' "\${COMPREPLY[@]}"`
    return execFileSync(bash, ['-c', script], { env, encoding: 'utf8' }).trim().split('\n')
  }
  expect(tab('bal')).toEqual(['balance'])
  expect(tab('keys', '')).toContain('rotate')
  expect(tab('--local', '--max-c')).toEqual(['--max-credits'])
})

test.skipIf(!zsh)('zsh takes the script, and shows what each word is', () => {
  const script = `compdef() { :; }; _describe() { print -rl -- "\${(@P)2}"; }; _files() { print files; }
eval "$(caicaini completion zsh)"
words=(caicaini keys ro); CURRENT=3; _caicaini
words=(caicaini -f ''); CURRENT=3; _caicaini`
  const { stdout, stderr } = spawnSync(zsh, ['-f', '-c', script], { env, encoding: 'utf8' })
  expect({ stdout, stderr }).toEqual({ stdout: 'rotate:another text for a key\nfiles\n', stderr: '' })
})

test.skipIf(!fish)('fish completes with what each word is', () => {
  const script = 'caicaini completion fish | source; complete -C "caicaini keys ro"; complete -C "caicaini bal"'
  const out = execFileSync(fish, ['--no-config', '-c', script], { env: { ...env, HOME: home.dir }, encoding: 'utf8' })
  expect(out).toBe('rotate\tanother text for a key\nbalance\tthe credits left\n')
})

test('models are those of the server', async () => {
  const end = await runCli(['--local', 'completion', 'words', '--', '-m', 'hai'], { env: home.env })
  expect(end).toMatchObject({ code: 0, stdout: 'haiku\n', stderr: '' })
  const next = await runCli(['completion', 'words', '--next', '--', 'config', 'get'], { env: home.env })
  expect(next.stdout).toContain('labels\n')
})

test('PowerShell gets a script', async () => {
  const end = await runCli(['completion', 'powershell'], { env: { ...home.env, PATH: dirname(NODE) } })
  expect(end.stdout).toContain('Register-ArgumentCompleter -Native -CommandName caicaini')
  expect((await runCli(['completion', 'csh'], { env: home.env })).code).toBe(2)
})
