import { readFileSync } from 'node:fs'

/** The process that `pid` started, by Linux's own books. */
export function childOf(pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  return Number(child)
}
