// How a wrong configuration is reported: every problem at once, each saying where it stands.

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

/** Says where a path of the configuration stands: `tollgate.yaml:12:5 models.seedance-2.price`. */
export type Locate = (path: Path) => string

/** `models.seedance-2.routes[0].upstream`, as a person would write it. */
export function pathText(path: Path): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else text += text === '' ? String(part) : `.${String(part)}`
  }
  return text
}
