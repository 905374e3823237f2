// Builds the message of a refused parameter in both languages, and formats values in it.
import { listOf } from '../config/wording.ts'
import { GatewayError } from '../errors.ts'

/** An `invalid_request` that names the field, what is wrong, and what would be right. */
export function refused(field: string, en: string, zh: string): GatewayError {
  return new GatewayError('invalid_request', { en: `${field}: ${en}.`, zh: `${field}:${zh}。` }, { field })
}

/** Longer values are cut in messages. */
const shownLengthMax = 40

/** A client's value of any type, short and on one line. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return '[…]'
  if (typeof value === 'object' && value !== null) return '{…}'
  if (typeof value !== 'string') return String(value)
  const shown = value.length > shownLengthMax ? `${value.slice(0, shownLengthMax)}…` : value
  return JSON.stringify(shown.toWellFormed())
}

/** `4、6 或 8` */
export function orListZh(values: readonly string[]): string {
  return listOf(values, '、', ' 或 ')
}
