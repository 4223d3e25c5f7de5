const NAME_CHARS_MAX = 64

/** The program that sends a request and its version, such as `cli/1.0.0` or `claude-cli/2.1.0`; null where it does not say. */
export function clientName(headers: Pick<Headers, 'get'>): string | null {
  return nameIn(headers.get('x-caicaini-client') ?? headers.get('user-agent'))
}

/** The first word, which is a product's name (RFC 9110, User-Agent), without what a terminal or a table could trip over. */
export function nameIn(value: string | null): string | null {
  const word = value
    ?.trim()
    .split(/\s/, 1)[0]
    ?.replace(/[^\w./@:+-]/g, '_')
  return word ? word.slice(0, NAME_CHARS_MAX) : null
}
