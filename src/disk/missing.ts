// For files that may not be there.

/** For `catch`: null if the path, or a folder on the way to it, is missing; other errors are thrown. */
export function unlessMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
  throw error
}
