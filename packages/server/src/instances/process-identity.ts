import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** What tells one run of a process from any other, on this host and after a pid is used again. */
export interface ProcessIdentity {
  readonly host: string
  readonly pid: number
  /** Empty where the system does not say; then only the lease tells. */
  readonly start: string
}

export interface Processes {
  readonly self: ProcessIdentity
  /** Whether that very process still runs; `unknown` for one of another host, or where the system does not say. */
  isAlive(identity: ProcessIdentity): boolean | 'unknown'
}

/** The processes of this machine, as /proc (Linux) or `ps` (macOS, BSD) tells of them. */
export function systemProcesses(): Processes {
  const host = hostIdentity()
  const self = { host, pid: process.pid, start: processStart(process.pid) }
  return {
    self,
    isAlive(identity) {
      if (identity.host !== host || identity.start === '' || self.start === '') return 'unknown'
      return processStart(identity.pid) === identity.start
    }
  }
}

/** Containers may share a host name but not a pid namespace; a pid means something only within one. */
function hostIdentity(): string {
  return `${hostname()} ${quietly(() => readlinkSync('/proc/self/ns/pid'))}`.trim()
}

/** Start time of a process, empty when it is gone. On Linux: boot id and field 22 of proc(5)'s stat, in ticks since boot. */
function processStart(pid: number): string {
  if (process.platform === 'linux') {
    return quietly(() => {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      // The command's name stands in parentheses and may itself hold spaces and parentheses.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return fields[0] === 'Z' ? '' : `${boot} ${fields[19]}`
    })
  }
  if (process.platform === 'win32') return ''
  return quietly(() =>
    execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 2000 }).trim()
  )
}

function quietly(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
