import { AppError } from '@caicaini/protocol'

/** What is told of a path that no page has. */
export function noSuchPage(path: string): AppError {
  return new AppError('not_found', `there is no page ${path} here`)
}
