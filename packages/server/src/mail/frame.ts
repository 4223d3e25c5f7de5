import type { Words } from './words.js'

const LINE_CHARS_MAX = 76

export interface Addressee {
  readonly username: string
  /** Where the server is reached, without a slash at the end. */
  readonly publicUrl: string
}

export interface Framed {
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly link: string | null
}

/** Words as a mail: its text and its HTML say the same, each with why it was sent and to whom. Pure. */
export function frame(words: Words, { username, publicUrl }: Addressee): Framed {
  const { subject, action } = words
  const link = action === undefined ? null : publicUrl + action.path
  const why = `You get this because ${words.why}. It is about the account “${username}” at ${publicUrl}.`
  return {
    subject: `Caicaini Code: ${subject}`,
    link,
    text: textOf(words, { username, link, why }),
    html: htmlOf(words, { username, link, why })
  }
}

interface Around {
  readonly username: string
  readonly link: string | null
  readonly why: string
}

function textOf({ lines, facts = [], action, after = [] }: Words, { username, link, why }: Around): string {
  return [
    `Hello ${username},`,
    ...lines.map(wrap),
    ...(facts.length > 0 ? [facts.map(([name, value]) => `  ${name}: ${value}`).join('\n')] : []),
    // Never broken: mail programs make no link of half an address.
    ...(action === undefined ? [] : [`${action.label}:\n${link}`]),
    ...after.map(wrap),
    `-- \n${wrap(why)}`,
    ''
  ].join('\n\n')
}

function htmlOf({ subject, lines, facts = [], action, after = [] }: Words, { username, link, why }: Around): string {
  const paragraph = (text: string) => `<p>${toHtml(text)}</p>`
  const rows = facts.map(
    ([name, value]) =>
      `<tr><td style="padding:2px 12px 2px 0;color:#5d5a52">${toHtml(name)}</td><td>${toHtml(value)}</td></tr>`
  )
  const button =
    'display:inline-block;padding:10px 18px;border-radius:6px;background:#0b5d4e;color:#fff;text-decoration:none;font-weight:600'
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${toHtml(subject)}</title></head>`,
    '<body style="margin:0;background:#fbfaf7;color:#1c1b18;font:16px/1.5 system-ui,-apple-system,sans-serif">',
    '<div style="max-width:34rem;margin:0 auto;padding:24px">',
    `<p style="font-weight:600">Caicaini Code</p>${paragraph(`Hello ${username},`)}`,
    ...lines.map(paragraph),
    rows.length > 0 ? `<table style="border-collapse:collapse">${rows.join('')}</table>` : '',
    action === undefined || link === null
      ? ''
      : `<p><a href="${toHtml(link)}" style="${button}">${toHtml(action.label)}</a></p>` +
        `<p style="font-size:14px;color:#5d5a52;overflow-wrap:anywhere">Or open this address: ${toHtml(link)}</p>`,
    ...after.map(paragraph),
    `<hr style="border:0;border-top:1px solid #dcd8cd"><p style="font-size:14px;color:#5d5a52">${toHtml(why)}</p>`,
    '</div></body></html>'
  ].join('\n')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}

function toHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
}

function wrap(paragraph: string): string {
  const lines: string[] = []
  for (const word of paragraph.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length + 1 > LINE_CHARS_MAX) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.join('\n')
}
