// Reports a faulty configuration: every problem at once, each with its position.

/** Thrown with everything that is wrong; the command line prints the problems and exits 78. */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

export type Path = readonly PropertyKey[]

/** The position of a configuration path: `tollgate.yaml:12:5 models.seedance-2.price`. */
export type Locate = (path: Path) => string

/** A path in readable form: `models.seedance-2.routes[0].upstream`. */
export function pathText(path: Path): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else text += text === '' ? String(part) : `.${String(part)}`
  }
  return text
}
