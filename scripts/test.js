/*
 * `npm test`: format and lint, types, unit and integration, end-to-end, pages in a browser, in that order,
 * stopping at the first that fails. The last line is the true count of tests. `check`, `unit`, `e2e` and
 * `browser` as an argument run just that part; `clients` and `install`, which are no part of the whole, run other
 * people's clients and a whole release.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureReady, orExplain, root, runtime } from './setup.js'

const [only, ...rest] = process.argv.slice(2)
const counts = { passed: 0, failed: 0, skipped: 0 }

const steps = {
  check: [lint, types],
  unit: [() => vitest('unit')],
  e2e: [() => vitest('e2e')],
  browser: [() => vitest('browser')]
}
/** Slow, and only when asked for: other people's clients, and a whole release with its runtime. */
const apart = { clients: [() => vitest('clients')], install: [() => vitest('install')] }

await orExplain(() => {
  ensureReady()
  const chosen = { ...steps, ...apart }[only] ?? Object.values(steps).flat()
  const good = chosen.every((step) => step())
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
  if (only !== 'check') process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`)
  if (!good) process.exitCode = 1
})

function lint() {
  return run('format and lint', 'biome', [
    'ci',
    '--error-on-warnings',
    ...(process.stdout.isTTY ? [] : ['--colors=off']),
    '.'
  ])
}

function types() {
  return ['protocol', 'server', 'cli'].every((name) => run(`types of ${name}`, 'tsc', ['-p', `packages/${name}`]))
}

function vitest(project) {
  const folder = mkdtempSync(join(tmpdir(), 'caicaini-test-'))
  const report = join(folder, 'report.json')
  const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const good = run(`tests: ${project}`, 'vitest', [...args, ...rest])
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'))
    counts.passed += result.numPassedTests
    counts.failed += result.numFailedTests
    counts.skipped += result.numPendingTests + result.numTodoTests
    // A file that cannot even be loaded has no tests to count.
    if (!good && result.numFailedTests === 0) counts.failed += 1
  } catch {
    counts.failed += 1
  }
  rmSync(folder, { recursive: true, force: true })
  return good
}

function run(title, tool, args) {
  process.stderr.write(`\n── ${title}\n`)
  const path = `${join(root, 'node_modules/.bin')}:${process.env.PATH}`
  const { status } = spawnSync(runtime, [join(root, 'node_modules', bin(tool)), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path }
  })
  return status === 0
}

function bin(tool) {
  return { biome: '@biomejs/biome/bin/biome', tsc: 'typescript/bin/tsc', vitest: 'vitest/vitest.mjs' }[tool]
}
