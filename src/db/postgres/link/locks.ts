// The advisory locks of a store: they belong to its database, and are released with their connection.

/** The first number of each; the second says what for. */
export const lockSpace = 0x746f6c6c

/** Held by the transaction of a turn: works are serialized, also between processes. */
export const writerLock = 1
/** Held by the gateway that serves the store, as long as it runs. */
export const servedLock = 2
/** Held by the transaction that brings the schema up to date. */
export const schemaLock = 3

export const takeInTransaction = (lock: number): string =>
  `SELECT pg_advisory_xact_lock(${lockSpace}, ${lock})`
