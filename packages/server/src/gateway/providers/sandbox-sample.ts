/** What `[sandbox markdown]` answers: something of everything that a client has to show. */
export const MARKDOWN_SAMPLE = `## Moving commits with \`git rebase --onto\`

\`git rebase --onto\` takes **a range of commits** and replays it somewhere else. It needs *three* names:

1. the new base,
2. the old base, which is *not* moved,
3. the branch that is.

\`\`\`bash
# before: topic grew out of next, next out of main
git rebase --onto main next topic
git log --oneline main..topic   # only the commits of topic
\`\`\`

Nothing of \`next\` comes along. The same in TypeScript, for a tool that calls git:

\`\`\`typescript
export async function moveOnto({ base, from, branch }: Move): Promise<void> {
  const { code, stderr } = await run('git', ['rebase', '--onto', base, from, branch])
  if (code !== 0) throw new Error(\`git rebase: \${stderr.trim()}\`)
}
\`\`\`

| step | command | 说明 |
|---|---|:---|
| look | \`git log --graph\` | 先看清楚再动手 |
| move | \`git rebase --onto\` | 只移动自己的提交 🚚 |
| undo | \`git reset --hard ORIG_HEAD\` | 还原 |

> A branch that others have pulled is better merged than moved.

- [x] commits moved
- [ ] tests run
  - unit
  - end to end

More in the [manual](https://git-scm.com/docs/git-rebase). *From the Caicaini sandbox: no model was asked.*`
