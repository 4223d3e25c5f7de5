import { expect, test } from 'vitest'
import { COMMANDS, GROUPS } from './command-table.js'
import { runToExitCode } from './run-process.js'
import { createTestContext } from './testing/test-context.js'

async function helpOf(words: readonly string[]): Promise<string> {
  const t = createTestContext()
  await runToExitCode([...words, '--help'], t.facts)
  return t.stdout()
}

test('every help is as it was: a change of one is a change that people see', async () => {
  const paths = [...new Set(['', ...Object.keys(GROUPS), ...Object.keys(COMMANDS)])]
  const pages: string[] = []
  for (const path of paths) pages.push(await helpOf(path === '' ? [] : path.split(' ')))
  await expect(pages.join(`\n${'─'.repeat(80)}\n`)).toMatchFileSnapshot('help.snapshot.txt')
})
