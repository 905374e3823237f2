// Pictures that tests send and expect, and the form of an edit.
import { until } from '../../../support/gateway.ts'
import type { Gateway } from '../../../support/gateway.ts'

export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
export const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')

export const signatureOf = (bytes: Buffer): string => bytes.subarray(1, 4).toString('latin1')

export type Part = readonly [field: string, content: Buffer | string]

/** Files are called `blob`, as forms name them that were given none. */
export function formOf(parts: readonly Part[]): FormData {
  const form = new FormData()
  for (const [field, content] of parts)
    form.append(field, typeof content === 'string' ? content : new Blob([new Uint8Array(content)]))
  return form
}

/** How many orders of this prompt have reached the upstream. */
export const ordersOf = (gateway: Gateway, prompt: string) =>
  gateway.sandbox.submissions.filter(({ body }) => body['prompt'] === prompt)

/** Resolves when so many orders of this prompt have reached the upstream. */
export const ordered = async (gateway: Gateway, prompt: string, count = 1) =>
  await until(
    () => ordersOf(gateway, prompt).length,
    (found) => found >= count,
  )
