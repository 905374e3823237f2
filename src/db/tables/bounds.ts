// Column limits. Without imports, so that reading a command line does not load the store.

/**
 * The most credits an account can have, including charges of open tasks, which may be refunded. Sums of a few
 * of these are still exact in every language.
 */
export const creditsMax = 1e15
