// Reads PostgreSQL's values as the rooms know them: numbers that count exactly, and texts as they were written.

const oid = { bool: 16, int8: 20, int2: 21, int4: 23, oid: 26, float4: 700, float8: 701, numeric: 1700 }

const parsers = new Map<number, (text: string) => unknown>([
  [oid.bool, (text) => text === 't'],
  [oid.int2, Number],
  [oid.int4, Number],
  [oid.oid, Number],
  [oid.float4, Number],
  [oid.float8, Number],
  [oid.int8, exactly],
  // Sums of whole numbers are of this type.
  [oid.numeric, exactly],
])

/** In the form that the driver takes. Everything else, JSON too, comes back as its text. */
export const valueTypes = { getTypeParser: (type: number) => parsers.get(type) ?? asText }

/** Null: the text itself is the value. */
export const readerOf = (type: number): ((text: string) => unknown) | null => parsers.get(type) ?? null

const asText = (text: string): string => text

function exactly(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw new RangeError(`${text} is no whole number that counts exactly`)
}

/**
 * PostgreSQL refuses the character 0 in every text. It must not decide whether the words of an upstream can be
 * written down, or whether an id can be asked for: the mark of an unreadable character takes its place. And
 * its whole numbers have no infinity: their last one is as far off as any time.
 */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value
  if (value === Infinity) return lastNumber
  return value === -Infinity ? `-${lastNumber}` : value
}

const lastNumber = '9223372036854775807'
