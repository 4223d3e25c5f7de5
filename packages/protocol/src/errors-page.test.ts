import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ERRORS, EXIT } from './errors.js'

const INTRO = `# Errors

Everything the server refuses, and what the \`caicaini\` command makes of it. This page is made of the table in
\`packages/protocol/src/errors.ts\`; after a change there, \`npm run test:unit -- errors-page --update\` writes it anew.

- On Anthropic's routes, and under \`/api\` and \`/admin/api\`, an error is
  \`{"type":"error","error":{"type","message","code"},"request_id"}\`. \`code\` is ours: it tells equal types apart.
- On OpenAI's routes it is \`{"error":{"message","type","param","code"},"request_id"}\`, with OpenAI's own name for the code
  where it has one.
- The message names the field and the mend. \`retry-after\` and \`x-should-retry\` say whether trying again can help.
- What the provider says of the request itself (400, 404, 413, 422) is told in its own words, so without our \`code\`.
- *Exit* is the exit code of the command that meets it; [cli.md](cli.md#exit-codes) says what each means.
`

interface Row {
  readonly status: number
  readonly type: string
  readonly openaiCode?: string
  readonly exit: number
  readonly when: string
}

test('docs/errors.md is the table', async () => {
  const rows = Object.entries(ERRORS).map(([code, kind]) => {
    const { status, type, openaiCode, exit, when }: Row = kind
    return `| \`${code}\` | ${status} | \`${type}\` | \`${openaiCode ?? code}\` | ${exit} | ${when} |`
  })
  const exits = Object.entries(EXIT).map(([name, exit]) => {
    const codes = Object.entries(ERRORS).filter(([, kind]) => kind.exit === exit)
    return `| ${exit} | ${name} | ${codes.map(([code]) => `\`${code}\``).join(', ')} |`
  })
  const page = [
    INTRO,
    "| code | status | type | code on OpenAI's routes | exit | when |\n|---|---|---|---|---|---|",
    ...rows,
    '\n## By exit code\n',
    '| exit | name | errors of the server |\n|---|---|---|',
    ...exits
  ]
  await expect(`${page.join('\n')}\n`).toMatchFileSnapshot(join(import.meta.dirname, '../../../docs/errors.md'))
})
