import type { Env } from './io.js'

const NAMES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'] as const

/** This machine, which no proxy reaches. */
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * The variables of a proxy as node's agents read them, NO_PROXY among them; undefined where the way to `url` is
 * straight, so that nobody without a proxy pays for one.
 */
export function proxyOf(url: URL, env: Env): Record<string, string> | undefined {
  if (LOOPBACK.test(url.hostname)) return undefined
  const known = Object.fromEntries(NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])))
  return Object.keys(known).some((name) => !/^no_proxy$/i.test(name)) ? known : undefined
}

/** NO_PROXY for a child that is to reach `url` on this machine; nothing where there is no proxy, or another's machine. */
export function pastProxy(url: URL, env: Env): Record<string, string> {
  const proxied = NAMES.some((name) => !/^no_proxy$/i.test(name) && env[name])
  if (!proxied || !LOOPBACK.test(url.hostname)) return {}
  const before = env.NO_PROXY || env.no_proxy
  const all = `${before ? `${before},` : ''}localhost,127.0.0.1,::1`
  return { NO_PROXY: all, no_proxy: all }
}
