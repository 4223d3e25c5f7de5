import { expect, test } from 'vitest'
import { ERRORS, EXIT, isErrorCode, parseErrorBody } from './errors.js'

test('exit codes follow the statuses', () => {
  for (const [code, { status, exit }] of Object.entries(ERRORS)) {
    const expected =
      status === 401
        ? EXIT.auth
        : status === 402
          ? EXIT.credits
          : status === 403
            ? code === 'plan'
              ? EXIT.plan
              : EXIT.auth
            : status === 409
              ? EXIT.other
              : status === 429
                ? EXIT.rateLimit
                : status >= 500
                  ? EXIT.network
                  : EXIT.usage
    expect({ code, exit }).toEqual({ code, exit: expected })
  }
})

test('only bodies of our shape are read as errors', () => {
  expect(parseErrorBody({ type: 'error', error: { type: 't', message: 'm' } })?.error.message).toBe('m')
  for (const other of [null, 'text', {}, { error: 'text' }, { error: null }])
    expect(parseErrorBody(other)).toBeUndefined()
  expect(isErrorCode('plan')).toBe(true)
  expect(isErrorCode('toString')).toBe(false)
})
