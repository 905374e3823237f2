// The options of commands that limit what a key or an account may do.
import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import type { KeyLimits } from '../../accounts/limits.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import { isAddressRange } from '../../config/fields.ts'
import { creditsMax } from '../../db/tables/bounds.ts'
import { modelIdsOf } from '../../operators/models.ts'

/** What lifts a limit. Not null: the library would make an empty text of it. */
export type Off = 'off'

/** As they are read from the command line. */
export interface LimitOptions {
  readonly creditsTotal?: number | Off
  readonly creditsPerDay?: number | Off
  readonly tasksInFlight?: number | Off
  readonly requestsPerMinute?: number | Off
  readonly models?: readonly string[] | Off
  readonly cidrs?: readonly string[] | Off
}

/** The same limits as in the operator API. */
const rateMax = 1_000_000

/** `rate` reads the two limits that an account has by configuration as well. */
export function withLimits(
  command: Command,
  rate: (value: string) => number | Off = orOff(wholeUpTo(rateMax, 1)),
): Command {
  return command
    .option('--credits-total <number>', 'credits it may spend in all', orOff(wholeUpTo(creditsMax, 0)))
    .option('--credits-per-day <number>', 'credits it may spend each day', orOff(wholeUpTo(creditsMax, 0)))
    .option('--tasks-in-flight <number>', 'how many of its tasks may be in flight', rate)
    .option('--requests-per-minute <number>', 'how many requests it may make', rate)
    .option('--models <ids>', 'the models it may order, with commas', orOff(listOf))
    .option('--cidrs <networks>', 'where its requests may come from, with commas', orOff(networks))
}

/** Of an account: `default` follows the configuration, `off` lifts the limit. */
export function accountRate(value: string): number | Off {
  if (value === 'default') return 'off'
  return value === 'off' ? 0 : wholeUpTo(rateMax, 1)(value)
}

/** `off` lifts what the option sets. */
export const orOff =
  <Value>(read: (value: string) => Value) =>
  (value: string): Value | Off =>
    value === 'off' ? value : read(value)

/** As it is stored. */
export const nullForOff = <Value>(value: Value | Off): Value | null => (value === 'off' ? null : value)

const wholeUpTo =
  (max: number, min: number) =>
  (value: string): number => {
    const number = Number(value)
    if (/^\d+$/.test(value) && number >= min && number <= max) return number
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}, or off.`)
  }

function listOf(value: string): string[] {
  const list = value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (list.length > 0) return list
  throw new InvalidArgumentError('It must name at least one, or be off.')
}

function networks(value: string): string[] {
  const list = listOf(value)
  const wrong = list.find((one) => !isAddressRange(one))
  if (wrong === undefined) return list
  throw new InvalidArgumentError(
    `${JSON.stringify(wrong)} is not an IP address or a range such as 10.0.0.0/8 or 2001:db8::/32.`,
  )
}

/** Only what is given. Throws invalid_request for a model that is not there. */
export function limitsOf(options: LimitOptions, catalog: Catalog): Partial<KeyLimits> {
  const models = options.models && nullForOff(options.models)
  const limits = {
    creditsTotalMax: nullForOff(options.creditsTotal),
    creditsPerDayMax: nullForOff(options.creditsPerDay),
    tasksInFlightMax: nullForOff(options.tasksInFlight),
    requestsPerMinuteMax: nullForOff(options.requestsPerMinute),
    models: models && modelIdsOf(catalog, models, '--models'),
    cidrs: nullForOff(options.cidrs),
  }
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}

type LimitsShown = Readonly<Record<string, unknown>>

/** In one cell: `500 credits, 50 a day, 2 at once`. */
export function limitsText(limits: LimitsShown): string | null {
  const named: readonly (readonly [string, (value: unknown) => string])[] = [
    ['credits_total', (value) => `${String(value)} credits`],
    ['credits_per_day', (value) => `${String(value)} a day`],
    ['tasks_in_flight', (value) => `${String(value)} tasks`],
    ['requests_per_minute', (value) => `${String(value)} requests a minute`],
    ['models', (value) => `only ${(value as readonly string[]).join(' ')}`],
    ['cidrs', (value) => `from ${(value as readonly string[]).join(' ')}`],
  ]
  const texts = named.flatMap(([name, text]) => (limits[name] === null ? [] : [text(limits[name])]))
  return texts.length === 0 ? null : texts.join(', ')
}
