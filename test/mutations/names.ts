// The names that a mutation uses although nothing of its file declares them: tests would find a ReferenceError, not the guard's absence.
import { parseSync, Visitor } from 'oxc-parser'

interface Named {
  readonly type: string
  readonly name?: unknown
}

export function unknownNames(file: string, original: string, mutated: string): string[] {
  const before = namesIn(file, original)
  const after = namesIn(file, mutated)
  const isKnown = (name: string) => before.used.has(name) || after.declared.has(name) || name in globalThis
  return [...after.used].filter((name) => name !== 'undefined' && !isKnown(name))
}

function namesIn(file: string, text: string) {
  const { program, errors } = parseSync(file, text)
  const [error] = errors
  if (error) throw new Error(`${file} cannot be read: ${error.message}`)
  const used = new Set<string>()
  const declared = new Set<string>()
  /** Where a name is that of a field. */
  const fields = new Set<number>()
  const declare = (...patterns: readonly (Named | null)[]) => {
    for (const pattern of patterns) {
      if (pattern?.type === 'Identifier' && typeof pattern.name === 'string') declared.add(pattern.name)
    }
  }
  const field = ({ key, computed, shorthand = false }: Field) => {
    if (!computed && !shorthand) fields.add(key.start)
  }
  new Visitor({
    Property: field,
    MemberExpression: ({ property, computed }) => field({ key: property, computed }),
    VariableDeclarator: ({ id }) => declare(id),
    ArrowFunctionExpression: ({ params }) => declare(...params),
    FunctionDeclaration: ({ id, params }) => declare(id, ...params),
    FunctionExpression: ({ params }) => declare(...params),
    CatchClause: ({ param }) => declare(param),
    Identifier({ name, start }) {
      if (!fields.has(start)) used.add(name)
    },
  }).visit(program)
  return { used, declared }
}

interface Field {
  readonly key: { readonly start: number }
  readonly computed: boolean
  readonly shorthand?: boolean
}
