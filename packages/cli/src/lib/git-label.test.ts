import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createTestContext } from '../testing/test-context.js'
import { gitLabel, labelHeaders, remoteUrl, repoOf } from './git-label.js'

function repository() {
  const dir = mkdtempSync(join(tmpdir(), 'caicaini-git-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: dir, stdio: 'pipe' })
  git('init', '-q', '-b', 'main')
  return { dir, git }
}

test('remote and branch, from any folder of the repository and from a worktree', () => {
  const { dir, git } = repository()
  git('remote', 'add', 'upstream', 'https://example.org/x/y.git')
  git('remote', 'add', 'origin', 'git@github.com:acme/app.git')
  mkdirSync(join(dir, 'a/b'), { recursive: true })
  expect(gitLabel(join(dir, 'a/b'))).toEqual({ repo: 'github.com/acme/app', branch: 'main' })
  git('commit', '-q', '--allow-empty', '-m', 'x')
  git('worktree', 'add', '-q', '-b', 'fix/one', join(dir, 'tree'))
  expect(gitLabel(join(dir, 'tree'))).toEqual({ repo: 'github.com/acme/app', branch: 'fix/one' })
  git('checkout', '-q', '--detach')
  expect(gitLabel(dir)?.branch).toBeUndefined()
})

test('without a remote it is the name of the folder, and outside of a repository nothing', () => {
  const { dir } = repository()
  expect(gitLabel(dir)).toEqual({ repo: dir.split('/').at(-1), branch: 'main' })
  expect(gitLabel('/')).toBeUndefined()
})

test.each([
  ['https://user:secret@github.com:8443/acme/app.git', 'github.com/acme/app'],
  ['ssh://git@GitLab.com:22/group/sub/app.git/', 'gitlab.com/group/sub/app'],
  ['git@github.com:acme/app', 'github.com/acme/app'],
  ['host.example:app.git', 'host.example/app'],
  ['/srv/git/app.git', undefined],
  ['C:\\code\\app', undefined],
  ['file:///srv/git/app.git', undefined]
])('%s is %s', (url, repo) => {
  expect(repoOf(url)).toBe(repo)
})

test('the first remote stands in for origin', () => {
  expect(remoteUrl('[core]\n\turl = no\n[remote "up"]\n\turl = a:b\n')).toBe('a:b')
  expect(remoteUrl('[core]\n')).toBeUndefined()
})

test('the setting labels off refuses', async () => {
  const { dir, git } = repository()
  git('remote', 'add', 'origin', 'git@github.com:acme/äpp.git')
  const { context } = createTestContext()
  expect(labelHeaders(context.config(), dir)).toEqual({
    'x-caicaini-repo': 'github.com/acme/_pp',
    'x-caicaini-branch': 'main'
  })
  await context.config().set('labels', 'off')
  expect(labelHeaders(context.config(), dir)).toEqual({})
  await expect(context.config().set('labels', 'no')).rejects.toThrow('labels must be on or off')
})
