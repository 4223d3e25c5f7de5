/**
 * Answers ALTCHA's challenge (version 2, PBKDF2) in the form that it stands in: beside what is typed, and at the
 * latest when the form is sent. Says how far it is, for screen readers too.
 */
export const ALTCHA = /* js */ `
// An answer is good for ten minutes.
const FRESH_MS = 9 * 60_000

for (const box of document.querySelectorAll('.captcha[data-kind=altcha]')) start(box)

function start(box) {
  const form = box.closest('form')
  const answer = box.querySelector('input[name=altcha]')
  const said = box.querySelector('[role=status]')
  const bar = box.querySelector('progress')
  let running

  const begin = () => {
    running ??= solve().catch((error) => {
      said.textContent = 'That did not work (' + error.message + '). Send the form to try again.'
    }).finally(() => {
      running = undefined
      bar.hidden = true
    })
    return running
  }

  async function solve() {
    if (!globalThis.crypto?.subtle) throw new Error('open this page by https')
    said.textContent = 'Computing: this shows that you are no program. Go on typing.'
    bar.hidden = false
    const response = await fetch(box.dataset.challenge, { cache: 'no-store' })
    if (!response.ok) throw new Error('the server answered ' + response.status)
    const challenge = await response.json()
    const solution = await compute(challenge, (done) => { bar.value = done })
    answer.value = btoa(JSON.stringify({ challenge, solution }))
    said.textContent = 'Done: nothing is asked of you.'
    setTimeout(forget, FRESH_MS)
  }

  function forget() {
    answer.value = ''
    said.textContent = said.dataset.first
  }

  function compute(challenge, tell) {
    const worker = new Worker(box.dataset.worker)
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => data.solution ? resolve(data.solution) : tell(data.done)
      worker.onerror = () => reject(new Error('the computation failed'))
      worker.postMessage(challenge.parameters)
    }).finally(() => worker.terminate())
  }

  said.dataset.first = said.textContent
  form.addEventListener('focusin', () => { if (!answer.value) begin() })
  form.addEventListener('submit', async (event) => {
    if (answer.value) return
    event.preventDefault()
    await begin()
    if (answer.value) form.requestSubmit(event.submitter)
  })
  // A page that comes back as it was has an answer that was used.
  addEventListener('pageshow', ({ persisted }) => { if (persisted) forget() })
}
`

/** Looks for the counter whose key begins as the challenge says. */
export const ALTCHA_WORKER = /* js */ `
// What a server of ours makes at most: progress is told against it.
const COUNTER_MAX = 3_000

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16))
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

onmessage = async ({ data: { nonce, salt, cost, keyLength, keyPrefix } }) => {
  const begun = performance.now()
  const derivation = { name: 'PBKDF2', hash: 'SHA-256', salt: bytesOf(salt), iterations: cost }
  const start = bytesOf(nonce)
  const password = new Uint8Array(start.length + 4)
  password.set(start)
  for (let counter = 0; ; counter++) {
    new DataView(password.buffer).setUint32(start.length, counter)
    const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits'])
    const derivedKey = hexOf(new Uint8Array(await crypto.subtle.deriveBits(derivation, key, keyLength * 8)))
    if (derivedKey.startsWith(keyPrefix)) {
      postMessage({ solution: { counter, derivedKey, time: Math.round(performance.now() - begun) } })
      return
    }
    if (counter % 50 === 0) postMessage({ done: counter / COUNTER_MAX })
  }
}
`
