import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type DefinedCommand, definedCommands, optionText, usageOf } from './defined-commands.js'
import { HELP } from './help.js'

const INTRO = `# Every command and option

Made of the command definitions, as is \`man caicaini\`; after a change there, \`npm run test:unit -- commands-page --update\`
writes it anew. What the commands are good for, with examples and their output: [cli.md](cli.md).
`

test('docs/commands.md is what the commands define', async () => {
  const parts = (await definedCommands()).map(partOf)
  const root = `## caicaini\n\n\`\`\`text\n${HELP.trimEnd()}\n\`\`\``
  const page = [INTRO, root, ...parts].join('\n\n').replace(/\n{3,}/g, '\n\n')
  await expect(`${page}\n`).toMatchFileSnapshot(join(import.meta.dirname, '../../../docs/commands.md'))
})

function partOf({ path, command }: DefinedCommand): string {
  const options = command.options.filter(({ hidden }) => !hidden)
  const rows = options.map((option) => `| \`${inTable(option.flags)}\` | ${inTable(optionText(option))} |`)
  return [
    `## caicaini ${path}`,
    sentence(command.description()),
    `\`\`\`text\n${usageOf(path, command)}\n\`\`\``,
    ...(rows.length > 0 ? [['| option | |', '|---|---|', ...rows].join('\n')] : [])
  ].join('\n\n')
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function inTable(text: string): string {
  return text.replaceAll('|', '\\|')
}
