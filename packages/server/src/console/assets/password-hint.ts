/** Says while a new password is typed how easily it would be guessed. A hint alone: the server decides, and knows more. */
export const PASSWORD_HINT = /* js */ `
const RUNS = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm']

function isRun(text) {
  const back = [...text].reverse().join('')
  return text.length > 3 && RUNS.some((row) => row.includes(text) || row.includes(back))
}

/** Bits that a guesser needs at least: repeated pieces and neighbours count once. */
function bitsOf(password) {
  const lower = password.toLowerCase()
  if (isRun(lower) || (lower + lower).indexOf(lower, 1) < lower.length) return 8
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/].filter((kind) => kind.test(password)).length
  const words = password.split(/[\\s._-]+/).filter((word) => word.length > 2).length
  const distinct = new Set(password).size
  return words > 2 ? words * 12 : Math.min(password.length, distinct * 1.5) * (1.6 + kinds * 0.7)
}

function wordsFor(password) {
  const length = [...password].length
  if (length === 0) return ''
  if (length < 8) return (8 - length) + ' more'
  const bits = bitsOf(password)
  if (bits < 30) return 'Easily guessed. Add a word or two.'
  return bits < 45 ? 'Fair. Another word makes it good.' : 'Good.'
}

for (const input of document.querySelectorAll('input[autocomplete="new-password"]')) {
  const hint = document.createElement('p')
  hint.className = 'hint'
  hint.setAttribute('role', 'status')
  input.after(hint)
  input.addEventListener('input', () => {
    hint.textContent = wordsFor(input.value)
  })
}
`
