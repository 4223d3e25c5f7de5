import { hostname } from 'node:os'

/** This machine as its owner knows it, as one short line. */
export function deviceName(): string {
  const name = hostname()
    .replace(/[^\p{L}\p{N}._ -]/gu, '')
    .slice(0, 60)
    .trim()
  return name || 'a device'
}
