// Tells SQLite's errors by their codes, without loading the library.

export const isOfSqlite = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_')

export const isConstraint = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_CONSTRAINT')

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''
