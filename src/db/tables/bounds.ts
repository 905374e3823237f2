// How much a column may hold. Without imports, so that what only reads a command line loads no store.

/**
 * The most credits that an account can hold, with what its open tasks were charged, which may come back to it.
 * Sums of a few of these are still exact in every language.
 */
export const creditsMax = 1e15
