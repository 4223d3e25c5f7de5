import { expect } from 'vitest'

interface ErrorJson {
  error: { type: string; code: string; message: string }
  request_id: string
}

/** What a refused request was told; fails where it lacks our id, or has a place in our code. */
export async function refusal(response: Response): Promise<ErrorJson & { status: number }> {
  const body = (await response.json()) as ErrorJson
  expect(body.request_id).toBe(response.headers.get('request-id'))
  expect(JSON.stringify(body)).not.toMatch(/\.[jt]s:\d/)
  return { status: response.status, ...body }
}
