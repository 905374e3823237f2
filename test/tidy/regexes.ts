// Finds every regular expression of a source file, and what lets it take more than a number of steps per character.
import { parseSync, Visitor } from 'oxc-parser'
import { analyse } from 'scslre'
import { stepCounter } from './regex-steps.ts'
import type { SourceFile } from './tree.ts'

export interface FoundRegex {
  readonly path: string
  /** Null where only running the code would tell it. */
  readonly source: string | null
  readonly flags: string
}

type Visited = Parameters<NonNullable<ConstructorParameters<typeof Visitor>[0]['NewExpression']>>[0]
type Expression = Visited['callee'] | Visited['arguments'][number]

export function regexesOf({ path, text }: SourceFile): FoundRegex[] {
  const found: FoundRegex[] = []
  const constants = new Map<string, Expression>()
  const built: (readonly (Expression | undefined)[])[] = []
  const build = ({ callee, arguments: given }: { callee: Expression; arguments: Expression[] }) => {
    if (callee.type === 'Identifier' && callee.name === 'RegExp') built.push(given)
  }
  new Visitor({
    Literal(node) {
      if ('regex' in node) found.push({ path, source: node.regex.pattern, flags: node.regex.flags })
    },
    VariableDeclarator({ id, init }) {
      // Two of one name may be meant: neither is known.
      if (id.type === 'Identifier' && init) {
        if (constants.has(id.name)) constants.delete(id.name)
        else constants.set(id.name, init)
      }
    },
    NewExpression: build,
    CallExpression: build,
  }).visit(parseSync(path, text).program)
  const builtOnes = built.map(([source, flags]) => ({
    path,
    source: textOf(source, constants),
    flags: flags ? (textOf(flags, constants) ?? '') : '',
  }))
  return [...found, ...builtOnes]
}

/** What a constant expression comes to. */
function textOf(node: Expression | undefined, constants: ReadonlyMap<string, Expression>): string | null {
  switch (node?.type) {
    case 'Literal':
      return 'regex' in node ? null : String(node.value)
    case 'Identifier':
      return textOf(constants.get(node.name), constants)
    case 'TemplateLiteral': {
      const values = node.expressions.map((each) => textOf(each, constants))
      if (values.includes(null)) return null
      return node.quasis.map(({ value }, index) => value.cooked + (values[index] ?? '')).join('')
    }
    case 'MemberExpression': {
      const { object, property } = node
      const named = object.type === 'Identifier' ? constants.get(object.name) : undefined
      const isSource = property.type === 'Identifier' && property.name === 'source'
      return isSource && named?.type === 'Literal' && 'regex' in named ? named.regex.pattern : null
    }
    default:
      return null
  }
}

/** A repetition up to this often costs as much as one without an end. */
const repeatsMax = 256

/** Why a text from outside may take more steps than in proportion to its length; empty where none can. */
export function growthOf({ source, flags }: FoundRegex): string[] {
  if (source === null) return ['is built of what only running tells']
  const reports = analysed(source, flags).map(
    ({ type, character }) => `${type} of ${character.literal.source}`,
  )
  const count = stepCounter({ source, flags }, stepsMax)
  const pieces = outsidePieces.filter((piece) => frames.some((frame) => growsWith(count, piece, frame)))
  return [...reports, ...pieces.map((piece) => `grows with ${JSON.stringify(piece)}`)]
}

/** The library takes bounded repetitions for constant: long ones are shown to it as endless. */
function analysed(source: string, flags: string) {
  const endless = source.replaceAll(/\{(\d+),(\d+)\}/g, (bounds, min: string, max: string) =>
    Number(max) > repeatsMax ? `{${min},}` : bounds,
  )
  return analyse({ source: endless, flags }).reports
}

/** What odd answers, links and headers were made of; each stands where a pattern can begin again and again. */
export const outsidePieces = [
  'a',
  'a-',
  'a.',
  'a:',
  'a_',
  'a1',
  'A-',
  '1',
  '1.',
  '-',
  '_',
  '.',
  '/',
  '\\',
  '\\/',
  ':',
  ';',
  ',',
  '=',
  '*',
  '+',
  ' ',
  '\t',
  '\n',
  ' ,',
  '; ',
  '"',
  '""',
  "'",
  '<',
  '<>',
  '(',
  '( ',
  '[',
  '[:',
  '{',
  '%25',
  '%',
  'http://',
  'http:\\/\\/',
  'QUJD',
  'i2v-',
  'i2',
  '2a-',
  'keev',
  'code ',
  'status code',
  'att_',
  'bucket_',
  '_bucket',
  'a@',
  'en;q=',
  '好',
  '😀',
]

/** Before and behind the pieces, so that they are neither the beginning nor fit at last. */
const frames = [
  ['', '\u0001'],
  ['\u0001', '\u0001/ !'],
] as const

const charactersOf = 200
const growthMax = 2.5
/** A pattern that takes as many has grown beyond any doubt. */
export const stepsMax = 2_000_000

type Count = (text: string) => number

/** Twice the text takes more than two and a half times the steps. */
function growsWith(count: Count, piece: string, [before, behind]: readonly [string, string]): boolean {
  const repeated = Math.ceil(charactersOf / piece.length)
  const [once, twice] = [repeated, 2 * repeated].map((times) => count(before + piece.repeat(times) + behind))
  return twice === undefined || once === undefined || once >= stepsMax || twice > growthMax * once
}
