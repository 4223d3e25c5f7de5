/* Whether the time of a refusal tells an unknown name from a wrong password. */
import { startPart } from './lib/part.js'
import { quantile } from './lib/stats.js'

const PAIRS = 150
const WARM_UP = 20
const PERSON = { username: 'somebody', email: 'somebody@example.org', password: 'a long one of their own', age: 18 }

export async function* bench() {
  const server = await startPart('accounts', { core: 1 })
  try {
    const { url } = server.ready
    const registered = await post(url, '/api/register', { ...PERSON, terms: await termsOf(url) }, 0)
    if (registered !== 201) throw new Error(`registering answered ${registered}`)
    const [known, unknown] = [[], []]
    for (let i = 1; i <= WARM_UP + PAIRS; i++) {
      // In turn, and the other way round each time: what disturbs one disturbs both.
      const asks = [
        [known, PERSON.username],
        [unknown, `nobody${i}`]
      ]
      for (const [times, name] of i % 2 === 0 ? asks : asks.reverse()) {
        const ms = await refusedMs(url, name, i)
        if (i > WARM_UP) times.push(ms)
      }
    }
    for (const share of [0.5, 0.95]) yield lineOf(share, { known, unknown })
  } finally {
    await server.stop()
  }
}

function lineOf(share, { known, unknown }) {
  const [wrong, nobody] = [quantile(known, share), quantile(unknown, share)]
  return {
    what: `sign-in refused, ${share === 0.5 ? 'median' : '95th percentile'}`,
    measured: `${nobody.toFixed(1)} ms`,
    yardstick: `${wrong.toFixed(1)} ms`,
    ratio: `${(nobody / wrong).toFixed(2)} ×`,
    note: `an unknown name beside a wrong password, ${PAIRS} of each in turn`
  }
}

async function refusedMs(url, name, i) {
  const startedAt = performance.now()
  const status = await post(url, '/api/login', { name, password: 'not the one' }, i)
  const ms = performance.now() - startedAt
  if (status !== 401) throw new Error(`signing in answered ${status}`)
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
