import type { Io } from '../lib/io.js'
import { creditsPhrase, grouped, showCredits } from '../lib/money-text.js'

export interface Counts {
  readonly total: number
  /** Answered before, by an earlier run. */
  readonly before: number
  answered: number
  failed: number
  credits: number
  balance: number | undefined
}

const ERASE_LINE = '\r\u001b[K'
const BAR_COLUMNS = 20
/** Where nobody sees a bar, a line for each such part. */
const STEPS = 10

/** How far a batch is: a bar on a terminal, a line for each tenth in a log. */
export function createProgress(counts: Counts, { io, quiet }: { io: Io; quiet: boolean }) {
  let shown = stepOf(counts)
  return {
    show() {
      if (quiet) return
      const columns = (io.columns ?? 80) - 1
      if (io.stderrIsTty) return io.err(ERASE_LINE + io.dim(`${barOf(counts)} ${textOf(counts)}`.slice(0, columns)))
      if (stepOf(counts) === shown) return
      shown = stepOf(counts)
      io.err(`${textOf(counts)}\n`)
    },
    end() {
      if (quiet) return
      io.err(`${io.stderrIsTty ? ERASE_LINE : ''}${io.dim(endOf(counts))}\n`)
    }
  }
}

function doneOf({ before, answered, failed }: Counts): number {
  return before + answered + failed
}

function stepOf(counts: Counts): number {
  return Math.floor((doneOf(counts) / counts.total) * STEPS)
}

function barOf(counts: Counts): string {
  const full = Math.floor((doneOf(counts) / counts.total) * BAR_COLUMNS)
  return '█'.repeat(full) + '░'.repeat(BAR_COLUMNS - full)
}

function textOf(counts: Counts): string {
  const { total, failed, credits, balance } = counts
  return [
    `${grouped(doneOf(counts))} of ${grouped(total)}`,
    ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
    `${creditsPhrase(exact(credits), 2)} spent`,
    ...(balance === undefined ? [] : [`${showCredits(balance, 2)} left`])
  ].join(' · ')
}

function endOf({ before, answered, failed, credits, balance }: Counts): string {
  return [
    `↳ ${grouped(answered)} answered`,
    ...(before > 0 ? [`${grouped(before)} before`] : []),
    ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
    creditsPhrase(exact(credits), 2),
    ...(balance === undefined ? [] : [`balance ${showCredits(balance, 2)}`])
  ].join(' · ')
}

/** Sums of six places each, as a float has them. */
const exact = (credits: number) => Math.round(credits * 1e6) / 1e6
