// Whether two bodies of create say the same, in 64 letters: what an Idempotency-Key is compared by.
import { hash } from 'node:crypto'
import { plainBody } from '../catalog/forgiving.ts'

/** No order is nested deeper; a body that is will be refused for it, so what stands there makes no difference. */
const depthMax = 8

/**
 * SHA-256 of the body as canonical JSON. The order of fields, white space, escapes and ways to write a number do
 * not count, nor the forms that a create forgives (a number in quotes, spaces around a URL), and a field that is null
 * is as good as left out, as everywhere in a create. A picture in the body counts letter by letter. A default that is spelled
 * out does count: defaults are the catalogue's, and the catalogue may change between a request and its repetition.
 */
export function hashOfBody(body: unknown): string {
  return hash('sha256', canonical(plainBody(body), 0))
}

function canonical(value: unknown, depth: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  if (depth === depthMax) return '…'
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one, depth + 1)).join(',')}]`
  const fields = Object.entries(value)
    .filter(([, one]) => one !== null)
    .map(([name, one]) => `${JSON.stringify(name)}:${canonical(one, depth + 1)}`)
  return `{${fields.toSorted().join(',')}}`
}
