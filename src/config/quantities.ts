// Parses durations and sizes as people write them: `30m`, `200ms`, `2GB`.
import { showValue, WrongValue } from './wording.ts'

const msPerUnit: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Ten years: longer is a typo; this stays far below the maximum date. */
const durationMaxMs = 3650 * 86_400_000

/** Milliseconds of `30m`, `200ms`, `10s`, `2h`, `30d`; throws WrongValue for anything else. */
export function parseDuration(value: unknown): number {
  const ms = readQuantity(value, msPerUnit, 'a length of time such as 30s, 5m, 2h or 200ms')
  if (ms > durationMaxMs) throw new WrongValue(`must be at most 3650d, not ${showValue(value)}`)
  return ms
}

/** In the form people write: `30m`, `90s`. */
export const durationText = (ms: number): string => quantityText(ms, msPerUnit)

/** Decimal units are powers of 1000, binary units (KiB, …) powers of 1024. */
const bytesPerUnit: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1_000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  TB: 1_000_000_000_000,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
  TiB: 1_099_511_627_776,
}

/** In the form people write: `2GB`, `1536MiB`. */
export const sizeText = (bytes: number): string => quantityText(bytes, bytesPerUnit)

/** A petabyte: a larger number of bytes is a typo. */
const sizeMaxBytes = 1_000_000_000_000_000

/** Bytes of `2GB`, `20MB`, `512KiB`; throws WrongValue for anything else. */
export function parseSize(value: unknown): number {
  const bytes = readQuantity(value, bytesPerUnit, 'a size such as 20MB or 2GB')
  if (bytes > sizeMaxBytes) throw new WrongValue(`must be at most 1000TB, not ${showValue(value)}`)
  return bytes
}

function readQuantity(value: unknown, perUnit: Readonly<Record<string, number>>, wanted: string): number {
  const units = Object.keys(perUnit)
  if (typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value))) {
    throw new WrongValue(`must be ${wanted}: ${value} needs a unit, one of ${units.join(', ')}`)
  }
  const parts = typeof value === 'string' ? /^(\d{1,15}) ?([A-Za-z]{1,3})$/.exec(value) : null
  const factor = units.find((unit) => unit === parts?.[2])
  if (!parts || factor === undefined) throw new WrongValue(`must be ${wanted}, not ${showValue(value)}`)
  const quantity = Number(parts[1]) * (perUnit[factor] ?? 0)
  if (quantity === 0) throw new WrongValue('must be more than nothing')
  return quantity
}

/** Uses the unit that gives the smallest whole number. */
function quantityText(quantity: number, perUnit: Readonly<Record<string, number>>): string {
  const whole = Object.entries(perUnit).filter(([, size]) => quantity % size === 0)
  const [unit = '', size = 1] = whole.toSorted(([, a], [, b]) => b - a)[0] ?? []
  return `${quantity / size}${unit}`
}
