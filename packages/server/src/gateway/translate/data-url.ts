import { invalid, show } from '../request/value.js'
import type { ImageSource } from './neutral.js'

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[\w.=+-]+)*?(;base64)?,/i

/** An http(s) or `data:` address as a source; throws `AppError('invalid_request')` that names `field` where it is neither. */
export function sourceOfUrl(url: unknown, field: string): ImageSource {
  if (typeof url !== 'string' || url === '') throw invalid(field, `must be an address, got ${show(url)}`)
  if (/^https?:\/\//i.test(url)) return { type: 'url', url }
  // A body may be megabytes: the pattern is tried on its head alone.
  const match = DATA_URL.exec(url.slice(0, 256))
  if (!match) throw invalid(field, `must begin with https:// or data:, got ${show(url)}`)
  const [head, mediaType, base64] = match
  if (!mediaType || !base64) throw invalid(field, 'a data: address must name its media type and be base64')
  return { type: 'base64', mediaType, data: url.slice(head.length) }
}

export function urlOfSource(source: ImageSource): string {
  return source.type === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`
}
