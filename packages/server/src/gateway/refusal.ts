import { AppError, parseErrorBody } from '@caicaini/protocol'

/** What a provider says of the request itself, told in our own terms. */
export function refusalError(status: number, body: Uint8Array): AppError {
  const code = status === 404 ? 'not_found' : status === 413 ? 'request_too_large' : 'invalid_request'
  const said = parseErrorBody(JSON.parse(Buffer.from(body).toString('utf8')))?.error.message
  return new AppError(code, said ?? 'The provider refused the request')
}
