import { PASSWORD } from './people.js'

export type PageVisitor = ReturnType<typeof pageVisitor>

/** What the form of registering sends. */
export const registration = (username: string) => ({
  username,
  email: `${username}@example.org`,
  password: PASSWORD,
  age: '13',
  terms: '2026-11-21'
})

/** A browser without scripts: what cookies it is given, it keeps and sends. */
export function pageVisitor({ url }: { readonly url: string }) {
  const jar = new Map<string, string>()

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(cookie && { cookie }), 'sec-fetch-site': 'same-origin', ...(init.headers as object) }
    const response = await fetch(url + path, { redirect: 'manual', ...init, headers })
    for (const each of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
  const submit = (path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    send(path, { method: 'POST', body: new URLSearchParams(fields), headers })

  return {
    jar,
    send,
    submit,
    register: (username: string) => submit('/register', registration(username)),
    login: (name: string, password = PASSWORD) => submit('/login', { name, password }),
    /** Whether it is signed in. */
    isIn: async () => (await send('/account')).status === 200
  }
}
