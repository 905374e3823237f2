// The advisory locks of a store: they belong to its database, and are released with their connection.

/** The first number of each; the second says what for. */
export const lockSpace = 0x746f6c6c

/** Held by the transaction of a turn: works are serialized, also between processes. */
export const writerLock = 1
/** Held by every gateway that serves the store, shared among them; by who moves or removes the store, alone. */
export const servedLock = 2
/** Held by the transaction that brings the schema up to date. */
export const schemaLock = 3

/** The space of locks of instances: each holds the one of its own name, as long as it is connected. */
export const instanceSpace = 0x746f6c69

/** In SQL: the number of an instance's lock. Two of the same number wait for each other's end, which no two have in practice. */
export const instanceLock = (id: string): string => `hashtext(${id})`

export const takeInTransaction = (lock: number): string =>
  `SELECT pg_advisory_xact_lock(${lockSpace}, ${lock})`
