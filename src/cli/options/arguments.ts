// Parses command-line arguments, with readable errors for wrong ones.
import { InvalidArgumentError } from 'commander'
import { isBlank, isOneLine } from '../../characters.ts'
import { parseDuration } from '../../config/quantities.ts'
import { creditsMax, currencyCode, decimalAmount } from '../../db/tables/bounds.ts'
import { isDate } from '../../ledger/reports/days.ts'
import type { Payment } from '../../ledger/grant.ts'

/** The same limits as in the operator API. */
const nameLengthMax = 100
const noteLengthMax = 500
const idempotencyKeyLengthMax = 255

export const name = (value: string) => text(value, nameLengthMax)
export const note = (value: string) => text(value, noteLengthMax)
/** Of `9.99 EUR`. */
export function payment(value: string): Payment {
  const [amount = '', currency = '', ...rest] = value.trim().split(/ +/)
  if (decimalAmount.test(amount) && currencyCode.test(currency) && rest.length === 0)
    return { amount, currency }
  throw new InvalidArgumentError('It must be an amount and a currency, such as "9.99 EUR".')
}

export const idempotencyKey = (value: string) => text(value, idempotencyKeyLengthMax)

export function wholeNumber(value: string): number {
  const number = Number(value)
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < 1) {
    throw new InvalidArgumentError('It must be a whole number above 0.')
  }
  return number
}

/** Of a demo's history. */
export function historyDays(value: string): number {
  const number = wholeNumber(value)
  if (number <= 90) return number
  throw new InvalidArgumentError('It must be at most 90 days.')
}

export function creditsToBegin(value: string): number {
  const number = wholeNumber(value)
  if (number <= creditsMax) return number
  throw new InvalidArgumentError(`It must be at most ${creditsMax}, the most that an account can hold.`)
}

export function codeCount(value: string): number {
  const number = wholeNumber(value)
  if (number <= 1_000) return number
  throw new InvalidArgumentError('It must be at most 1000.')
}

export function codeStatus(value: string): 'unused' | 'redeemed' | 'void' | 'expired' {
  if (value === 'unused' || value === 'redeemed' || value === 'void' || value === 'expired') return value
  throw new InvalidArgumentError('It must be unused, redeemed, void or expired.')
}

export function status(value: string): number {
  if (/^[1-4]$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It must be 1 (queued), 2 (running), 3 (success) or 4 (failed).')
}

/** Milliseconds since 1970; a date without a time means its start in UTC. */
export function date(value: string): number {
  const [, begin] = /^(\d{4}-\d{2}-\d{2})(?:T.+)?$/.exec(value) ?? []
  const [ms, dayMs] = [Date.parse(value), Date.parse(`${begin}T00:00:00Z`)]
  // JavaScript turns 2030-02-31 into March 3.
  if (Number.isNaN(ms) || Number.isNaN(dayMs) || new Date(dayMs).toISOString().slice(0, 10) !== begin) {
    throw new InvalidArgumentError('It must be a date such as 2030-12-31 or 2030-12-31T18:00:00Z.')
  }
  return ms
}

/** A date of the calendar, in whatever time zone. */
export function day(value: string): string {
  if (isDate(value) && value.startsWith('20')) return value
  throw new InvalidArgumentError('It must be a date such as 2026-11-30.')
}

/** Milliseconds. */
export function age(value: string): number {
  try {
    return parseDuration(value)
  } catch {
    throw new InvalidArgumentError('It must be a length of time such as 90d, 12h or 30m.')
  }
}

/** The same limits as in the operator API. */
export function linkAge(value: string): number {
  const ms = age(value)
  if (ms >= 60_000 && ms <= 30 * 24 * 60 * 60_000) return ms
  throw new InvalidArgumentError('It must be from 1m to 30d.')
}

function text(value: string, lengthMax: number): string {
  const trimmed = value.trim()
  if (!isOneLine(trimmed)) {
    throw new InvalidArgumentError(
      'It must be one line without control characters, line breaks and signs that turn the direction of writing.',
    )
  }
  if (!isBlank(trimmed) && trimmed.length <= lengthMax) return trimmed
  throw new InvalidArgumentError(`It must have 1 to ${lengthMax} characters.`)
}
