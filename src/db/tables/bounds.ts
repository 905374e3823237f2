// Column limits. Without imports, so that reading a command line does not load the store.

/**
 * The most credits an account can have, including charges of open tasks, which may be refunded. Sums of a few
 * of these are still exact in every language.
 */
export const creditsMax = 1e15

/** Of what was paid: at most twelve digits before the point and four behind it. */
export const decimalAmount = /^(?:0|[1-9]\d{0,11})(?:\.\d{1,4})?$/
/** As ISO 4217 writes them. */
export const currencyCode = /^[A-Z]{3}$/

/**
 * How long one rollup is, in milliseconds. Every time zone of today is a whole number of these from UTC, so that a
 * day of any of them is made of whole rollups.
 */
export const quarterMs = 15 * 60_000
