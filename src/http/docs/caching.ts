// How long browsers may keep the pages of the documentation.

/** Depends on the catalogue and the configuration. */
export const changing = ['cache-control', 'no-cache'] as const
/** Depends on the version only. */
export const lasting = ['cache-control', 'public, max-age=3600'] as const
