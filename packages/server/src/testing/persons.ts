import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { TestServer } from './server.js'

/** Somebody with a browser, as programs see them. */
export interface Person {
  readonly username: string
  readonly token: string
}

/** Registers somebody, and signs them in. */
export async function register(t: TestServer, username: string, headers: Record<string, string> = {}): Promise<Person> {
  const person = { username, email: `${username}@example.org`, password: 'a compiler of my own', age: 18 }
  const response = await send(t, 'POST', '/api/register', { body: { ...person, terms: '2026-11-21' }, headers })
  if (response.status !== 201) throw new Error(`registering ${username}: ${response.status} ${await response.text()}`)
  return { username, token: ((await response.json()) as { access_token: string }).access_token }
}

/** One request, as whoever it is. */
export function send(
  t: TestServer,
  method: string,
  path: string,
  { as, body, headers = {} }: { as?: Person; body?: object; headers?: Record<string, string> } = {}
): Promise<Response> {
  return fetch(t.url + path, {
    method,
    ...(body && { body: JSON.stringify(body) }),
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(as && { authorization: `Bearer ${as.token}` }),
      ...headers
    }
  })
}

/** From now on the sessions of these accounts count as begun with so many factors, as after a sign-in with them. */
export function setFactors(dataDir: string, usernames: readonly string[], factors: 1 | 2): void {
  const database = new Database(join(dataDir, 'caicaini.sqlite'))
  const ids = 'select id from account where username = ?'
  for (const username of usernames)
    database.prepare(`update session set factors = ${factors} where account_id in (${ids})`).run(username)
  database.close()
}
