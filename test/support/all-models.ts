// The catalogue of tests: all built-in models, those that name Keevx too.

/** A tollgate.yaml that sells all of them, unless it says what it sells. */
export const withAllModels = (yaml: string): string =>
  /^(?:catalog|models):/m.test(yaml) ? yaml : `${yaml}\ncatalog: keevx\n`
