// How complaints about single values are worded, to follow the name of what they were given for.

/** Thrown by readers of single values; its message reads on from a name: `must be a whole number`. */
export class WrongValue extends Error {
  override readonly name = 'WrongValue'
}

/** Longer values are cut in messages: the position tells where the rest stands. */
const shownLengthMax = 60

/** A value as a message may show it. Never called for values of secrets. */
export function showValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a section'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return `a ${typeof value}`
  const shown = value.length > shownLengthMax ? `${value.slice(0, shownLengthMax)}…` : value
  return JSON.stringify(shown)
}

/** `720p, 1080p or 4k`, or with the words of another language between them. */
export function listOf(values: readonly string[], between = ', ', beforeLast = ' or '): string {
  if (values.length < 2) return values.join('')
  return `${values.slice(0, -1).join(between)}${beforeLast}${values.at(-1)}`
}
