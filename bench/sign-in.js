/* Whether the time of an answer tells a name that is known from one that is not. */
import { startPart } from './lib/part.js'
import { quantile } from './lib/stats.js'

const PAIRS = 150
const WARM_UP = 20
const PERSON = { username: 'somebody', email: 'somebody@example.org', password: 'a long one of their own', age: 18 }

const SIGN_IN = {
  what: 'sign-in refused',
  note: 'an unknown name beside a wrong password',
  path: '/api/login',
  body: (name) => ({ name, password: 'not the one' }),
  status: 401
}
const RESET = {
  what: 'reset asked for',
  note: 'an unknown name beside a known one',
  path: '/api/password/reset',
  body: (name) => ({ name }),
  status: 202
}

export async function* bench() {
  const server = await startPart('accounts', { core: 1 })
  try {
    const { url } = server.ready
    const registered = await post(url, '/api/register', { ...PERSON, terms: await termsOf(url) }, 0)
    if (registered !== 201) throw new Error(`registering answered ${registered}`)
    for (const question of [SIGN_IN, RESET]) {
      const times = await ask(url, question)
      for (const share of [0.5, 0.95]) yield lineOf(question, share, times)
    }
  } finally {
    await server.stop()
  }
}

async function ask(url, question) {
  const [known, unknown] = [[], []]
  for (let i = 1; i <= WARM_UP + PAIRS; i++) {
    // In turn, and the other way round each time: what disturbs one disturbs both.
    const asks = [
      [known, PERSON.username],
      [unknown, `nobody${i}`]
    ]
    for (const [times, name] of i % 2 === 0 ? asks : asks.reverse()) {
      const ms = await answeredMs(url, question, { name, i })
      if (i > WARM_UP) times.push(ms)
    }
  }
  return { known, unknown }
}

function lineOf({ what, note }, share, { known, unknown }) {
  const [knownMs, unknownMs] = [quantile(known, share), quantile(unknown, share)]
  return {
    what: `${what}, ${share === 0.5 ? 'median' : '95th percentile'}`,
    measured: `${unknownMs.toFixed(1)} ms`,
    yardstick: `${knownMs.toFixed(1)} ms`,
    ratio: `${(unknownMs / knownMs).toFixed(2)} ×`,
    note: `${note}, ${PAIRS} of each in turn`
  }
}

async function answeredMs(url, { path, body, status }, { name, i }) {
  const startedAt = performance.now()
  const answered = await post(url, path, body(name), i)
  const ms = performance.now() - startedAt
  if (answered !== status) throw new Error(`${path} answered ${answered}`)
  return ms
}

/** Each from an address of its own, so that nobody is slowed for failing. */
async function post(url, path, body, i) {
  const headers = {
    'content-type': 'application/json',
    'x-forwarded-for': `203.0.${Math.floor(i / 250)}.${(i % 250) + 1}`
  }
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  await response.text()
  return response.status
}

async function termsOf(url) {
  const page = await (await fetch(`${url}/terms`)).text()
  return /Version (\d{4}-\d{2}-\d{2})/.exec(page)?.[1]
}
