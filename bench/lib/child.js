import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Runs a command to its end: how long it took, its exit code, and the most memory that it had resident (VmHWM, looked
 * at until it ends; Linux alone, NaN elsewhere). Throws where it ends with none of `codes`.
 */
export function runChild([command, ...args], { env = process.env, stdin, codes = [0] } = {}) {
  const startedAt = performance.now()
  const child = spawn(command, args, { env, stdio: [stdin ? 'pipe' : 'ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  child.stdin?.on('error', () => {})
  if (stdin) stdin.pipe(child.stdin)
  let peak = Number.NaN
  const look = setInterval(() => {
    peak = peakOf(child.pid) ?? peak
  }, 1)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (ended) => {
      clearInterval(look)
      if (!codes.includes(ended)) reject(new Error(`${command} ${args.join(' ')} ended with ${ended}: ${said}`))
      else resolve({ ms: performance.now() - startedAt, peakBytes: peak, code: ended })
    })
  })
}

function peakOf(pid) {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes && Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}
