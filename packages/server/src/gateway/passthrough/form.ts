import { AppError } from '@caicaini/protocol'
import { invalid } from '../request/value.js'

/*
 * multipart/form-data (RFC 7578, RFC 2046 5.1) as far as it is written in one way only. What two parsers may read
 * differently is refused: the provider would take another model than the one that was checked.
 */

const PARTS_MAX = 64
const HEADER_BYTES_MAX = 8 * 1024
const BOUNDARY = /^multipart\/form-data\s*;\s*boundary=(?:"([\w'()+,./:=? -]{1,70})"|([\w'()+./:=?-]{1,70}))\s*$/i
const DISPOSITION = /^form-data((?:\s*;\s*[a-z]+\*?=(?:"[^"\\]*"|[^\s";\\]+))*)\s*$/i
const PARAMETER = /;\s*([a-z]+\*?)=(?:"([^"\\]*)"|([^\s";\\]+))/gi
const NAME = /^[\w.[\]-]{1,64}$/

export interface FormPart {
  readonly name: string
  readonly isFile: boolean
  /** Offsets of its content. */
  readonly start: number
  readonly end: number
}

/** The parts of a form, in order; throws `AppError` that says what is wrong with it. */
export function readForm(bytes: Uint8Array, contentType: string | null): FormPart[] {
  const match = BOUNDARY.exec(contentType ?? '')
  const boundary = match?.[1] ?? match?.[2]
  if (boundary === undefined) {
    const message = 'content-type: must be multipart/form-data with its boundary, and nothing else'
    throw new AppError('unsupported_media_type', message)
  }
  const form = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const dashes = Buffer.from(`--${boundary}`)
  const parts: FormPart[] = []
  if (!startsWith(form, dashes, 0)) throw malformed('does not begin with its boundary')
  let at = dashes.length
  while (!startsWith(form, TWO_DASHES, at)) {
    if (parts.length === PARTS_MAX) throw malformed(`has more than ${PARTS_MAX} parts`)
    const part = readPart(form, { at, dashes })
    parts.push(part)
    at = part.end + LINE_END.length + dashes.length
  }
  if (form.toString('latin1', at + TWO_DASHES.length).trim() !== '') throw malformed('goes on after its end')
  return parts
}

const LINE_END = Buffer.from('\r\n')
const HEADERS_END = Buffer.from('\r\n\r\n')
const TWO_DASHES = Buffer.from('--')

function startsWith(form: Buffer, text: Buffer, at: number): boolean {
  return form.subarray(at, at + text.length).equals(text)
}

function readPart(form: Buffer, { at, dashes }: { at: number; dashes: Buffer }): FormPart {
  if (!startsWith(form, LINE_END, at)) throw malformed('has a boundary with something behind it')
  const headersEnd = form.subarray(0, at + HEADER_BYTES_MAX).indexOf(HEADERS_END, at)
  if (headersEnd === -1) throw malformed('has a part without an end of its headers')
  const start = headersEnd + HEADERS_END.length
  const next = form.indexOf(dashes, start)
  if (next === -1) throw malformed('ends before its last boundary')
  const end = next - LINE_END.length
  // Also a boundary in the midst of a line: some parsers take it for one.
  if (end < start || !startsWith(form, LINE_END, end)) throw malformed('has its boundary inside a part')
  return { ...readHeaders(form.toString('latin1', at + LINE_END.length, headersEnd)), start, end }
}

function readHeaders(text: string): Pick<FormPart, 'name' | 'isFile'> {
  const dispositions: string[] = []
  for (const line of text.split('\r\n')) {
    const [, header = '', value = ''] = /^([\w-]+):[ \t]*([^\r\n\0]*)$/.exec(line) ?? []
    if (header === '') throw malformed('has a part whose headers cannot be read')
    if (header.toLowerCase() === 'content-disposition') dispositions.push(value)
    if (header.toLowerCase() === 'content-transfer-encoding' && !/^(binary|8bit|7bit)$/i.test(value.trim())) {
      throw malformed(`has a part with content-transfer-encoding; send its bytes as they are`)
    }
  }
  const [disposition = ''] = dispositions
  const parameters = DISPOSITION.exec(disposition)?.[1]
  if (dispositions.length !== 1 || parameters === undefined) throw malformed('has a part without a readable name')
  const found = [...parameters.matchAll(PARAMETER)].map(([, name = '', quoted, plain]) => ({
    name: name.toLowerCase(),
    value: quoted ?? plain ?? ''
  }))
  const names = found.filter(({ name }) => name === 'name' || name === 'name*')
  const [named] = names
  if (!named || names.length !== 1 || named.name === 'name*' || !NAME.test(named.value)) {
    throw malformed('has a part without a readable name')
  }
  return { name: named.value, isFile: found.some(({ name }) => name === 'filename' || name === 'filename*') }
}

/** The only part of a name; undefined where there is none. */
export function onlyPart(parts: readonly FormPart[], name: string): FormPart | undefined {
  const [part, ...others] = parts.filter((each) => each.name === name)
  if (others.length > 0) throw invalid(name, 'is there twice; send it once')
  return part
}

/** The text of the only field of a name; undefined where there is none. */
export function textOf(bytes: Uint8Array, parts: readonly FormPart[], name: string): string | undefined {
  const part = onlyPart(parts, name)
  if (!part) return undefined
  if (part.isFile) throw invalid(name, 'must be a field, not a file')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(part.start, part.end))
  } catch {
    throw invalid(name, 'is not valid UTF-8; send UTF-8')
  }
}

function malformed(what: string): AppError {
  return new AppError('invalid_request', `body: the form ${what}`)
}
