// Tells SQLite's errors by their codes, without loading the library.

export const isOfSqlite = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_')

export const isConstraint = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_CONSTRAINT')

/** `SQLITE_CORRUPT` has codes of its own for an index, a sequence and a virtual table. */
export const isDamage = (error: unknown): boolean => /^SQLITE_(?:CORRUPT|NOTADB)/.test(codeOf(error))

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''
