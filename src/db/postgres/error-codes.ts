// Tells PostgreSQL's errors by their SQLSTATE, without loading the driver.

interface Answered extends Error {
  /** Five characters, of which two are the class. */
  readonly code: string
  /** `ERROR`: the connection stays; `FATAL` and `PANIC`: the server closes it. In the language of the server. */
  readonly severity: string
}

/** Whether the server answered with this error, and did not just go away. */
export const isOfPostgres = (error: unknown): error is Answered =>
  error instanceof Error && 'severity' in error && 'code' in error && /^[0-9A-Z]{5}$/.test(String(error.code))

const severities = ['ERROR', 'FATAL', 'PANIC']

/** Classes and codes with which a server may end a connection. */
const ending = /^(?:08|28|3D|53300|57P|25P0[34]|58|F0|XX)/

/** The server goes on with the connection. One that speaks another language is understood by its codes. */
export const isRefusal = (error: unknown): error is Answered =>
  isOfPostgres(error) &&
  (severities.includes(error.severity) ? error.severity === 'ERROR' : !ending.test(error.code))

/**
 * Classes of what the server cannot do now: connections, a standby that only reads, rollbacks that it decided
 * upon, resources, locks, operators, its system, its own faults.
 */
const unavailable = new Set(['08', '25', '40', '53', '54', '55', '57', '58', 'F0', 'XX'])

export const isUnavailable = (error: unknown): boolean =>
  isOfPostgres(error) && unavailable.has(error.code.slice(0, 2))

export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  isOfPostgres(error) && codes.includes(error.code)

export const codes = {
  noDatabase: '3D000',
  databaseIsThere: '42P04',
  duplicate: '23505',
  notAllowed: '42501',
  lockNotAvailable: '55P03',
  transactionAborted: '25P02',
} as const
