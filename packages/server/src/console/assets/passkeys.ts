/**
 * What pages need to speak with a browser's passkeys: it asks the server what is to be signed, the browser for the
 * answer, and sends that with the form. Browsers from before 2025 lack WebAuthn's own JSON; they get it from here.
 */
export const PASSKEYS = /* js */ String.raw`
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
const withBytes = (list = []) => list.map((each) => ({ ...each, id: toBytes(each.id) }))

function toCreate(options) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(options)
  const { challenge, user, excludeCredentials } = options
  return {
    ...options,
    challenge: toBytes(challenge),
    user: { ...user, id: toBytes(user.id) },
    excludeCredentials: withBytes(excludeCredentials)
  }
}

function toGet(options) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(options)
  const { challenge, allowCredentials } = options
  return { ...options, challenge: toBytes(challenge), allowCredentials: withBytes(allowCredentials) }
}

function toJson(credential) {
  if (credential.toJSON) return credential.toJSON()
  const { id, rawId, type, response } = credential
  const json = {}
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'])
    if (response[name]) json[name] = toText(response[name])
  if (response.getTransports) json.transports = response.getTransports()
  return { id, rawId: toText(rawId), type, response: json, clientExtensionResults: {} }
}

const MENDS = {
  NotAllowedError: 'It was cancelled, or took too long. Try again.',
  InvalidStateError: 'This device has a passkey of this account already.',
  SecurityError: 'Passkeys do not work at the address of this page.'
}

/** Fills the form; false where another page is on its way. */
async function fill(form) {
  const asked = await fetch(form.dataset.options, { method: 'POST' })
  if (asked.redirected) {
    location.assign(asked.url)
    return false
  }
  if (!asked.ok) throw new Error('This page is too old. Load it again.')
  const options = await asked.json()
  const credential =
    form.dataset.passkey === 'create'
      ? await navigator.credentials.create({ publicKey: toCreate(options) })
      : await navigator.credentials.get({ publicKey: toGet(options) })
  form.elements.passkey.value = JSON.stringify(toJson(credential))
  return true
}

function prepare(form) {
  const button = form.querySelector('button')
  const problem = form.querySelector('[role=alert]')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    button.disabled = true
    problem.hidden = true
    try {
      if (await fill(form)) form.submit()
    } catch (error) {
      problem.textContent = MENDS[error.name] ?? error.message
      problem.hidden = false
    }
    button.disabled = false
  })
  form.hidden = false
}

for (const form of document.querySelectorAll('form[data-passkey]'))
  if (window.PublicKeyCredential) prepare(form)
  else form.replaceWith('This browser has no passkeys.')
`
