// Messages about single values, to follow the name of the setting.

/** Thrown by readers of single values; the message continues after a name: `must be a whole number`. */
export class WrongValue extends Error {
  override readonly name = 'WrongValue'
}

/** Longer values are cut in messages: the position shows where to find the rest. */
const shownLengthMax = 60

/** A value for display in a message. Never called for secrets. */
export function showValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a section'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return `a ${typeof value}`
  const shown = value.length > shownLengthMax ? `${value.slice(0, shownLengthMax)}…` : value
  return JSON.stringify(shown)
}

/** `720p, 1080p or 4k`, or with another language's separators. */
export function listOf(values: readonly string[], between = ', ', beforeLast = ' or '): string {
  if (values.length < 2) return values.join('')
  return `${values.slice(0, -1).join(between)}${beforeLast}${values.at(-1)}`
}
