// Counts the steps a backtracking engine takes, so that a pattern's growth is seen without a clock.
import { type AST, RegExpParser } from '@eslint-community/regexpp'

type Continue = (at: number) => boolean
/** Tries at a place and goes on with what follows; false once nothing fits. */
type Matcher = (at: number, next: Continue) => boolean

interface Run {
  /** Code points where the pattern reads those, else code units. */
  text: readonly string[]
  readonly flags: string
  step(): void
}

interface Counted {
  readonly source: string
  readonly flags: string
}

const parser = new RegExpParser()

/** Of one search through a text, or with the flag `g` of all of them; counts on to `stepsMax`. */
export function stepCounter({ source, flags }: Counted, stepsMax: number): (text: string) => number {
  let steps = 0
  const isUnicode = /[uv]/.test(flags)
  const run: Run = {
    text: [],
    flags: flags.replaceAll(/[gyd]/g, ''),
    step() {
      steps += 1
      if (steps > stepsMax) throw new TooManySteps()
    },
  }
  const parsed = parser.parsePattern(source, 0, source.length, {
    unicode: flags.includes('u'),
    unicodeSets: flags.includes('v'),
  })
  const matcher = oneOf(run, parsed.alternatives, 1)
  return (text) => {
    steps = 0
    run.text = isUnicode ? Array.from(text) : text.split('')
    try {
      search(run, matcher, flags)
    } catch (error) {
      if (!(error instanceof TooManySteps)) throw error
    }
    return steps
  }
}

class TooManySteps extends Error {}

function search(run: Run, matcher: Matcher, flags: string): void {
  let at = 0
  while (at <= run.text.length) {
    let end = -1
    run.step()
    const isFound = matcher(at, (reached) => {
      end = reached
      return true
    })
    if ((isFound && !flags.includes('g')) || (!isFound && flags.includes('y'))) return
    at = isFound && end > at ? end : at + 1
  }
}

function oneOf(run: Run, alternatives: readonly AST.Alternative[], direction: 1 | -1): Matcher {
  const each = alternatives.map(({ elements }) => sequence(run, elements, direction))
  const [only] = each
  if (only && each.length === 1) return only
  return (at, next) => each.some((matcher) => matcher(at, next))
}

function sequence(run: Run, elements: readonly AST.Element[], direction: 1 | -1): Matcher {
  const ordered = direction === 1 ? elements : elements.toReversed()
  const matchers = ordered.map((element) => matcherOf(run, element, direction))
  const [only] = matchers
  if (only && matchers.length === 1) return only
  const from =
    (index: number, next: Continue): Continue =>
    (at) => {
      const matcher = matchers[index]
      return matcher ? matcher(at, from(index + 1, next)) : next(at)
    }
  return (at, next) => from(0, next)(at)
}

function matcherOf(run: Run, node: AST.Element, direction: 1 | -1): Matcher {
  switch (node.type) {
    case 'Group':
    case 'CapturingGroup':
      return oneOf(run, node.alternatives, direction)
    case 'Quantifier':
      return repeated(run, node, direction)
    case 'Assertion':
      return assertion(run, node)
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass':
    case 'ExpressionCharacterClass':
      return character(run, node.raw, direction)
    default:
      throw new Error(`steps through ${node.raw} cannot be counted`)
  }
}

function repeated(run: Run, node: AST.Quantifier, direction: 1 | -1): Matcher {
  const element = matcherOf(run, node.element, direction)
  const more = (count: number, at: number, next: Continue): boolean => {
    const again = () =>
      count < node.max &&
      element(at, (reached) => (reached === at && count >= node.min ? false : more(count + 1, reached, next)))
    if (count < node.min) return again()
    return node.greedy ? again() || next(at) : next(at) || again()
  }
  return (at, next) => more(0, at, next)
}

function assertion(run: Run, node: AST.Assertion): Matcher {
  const holds = condition(run, node)
  return (at, next) => {
    run.step()
    return holds(at) && next(at)
  }
}

function condition(run: Run, node: AST.Assertion): Continue {
  const isLine = (sign: string | undefined) =>
    run.flags.includes('m') && /[\n\r\u2028\u2029]/.test(sign ?? '')
  const isWord = (sign: string | undefined) => /\w/.test(sign ?? '')
  const before = (at: number) => run.text[at - 1]
  const after = (at: number) => run.text[at]
  if (node.kind === 'start') return (at) => at === 0 || isLine(before(at))
  if (node.kind === 'end') return (at) => at === run.text.length || isLine(after(at))
  if (node.kind === 'word') return (at) => (isWord(before(at)) !== isWord(after(at))) !== node.negate
  if (!('alternatives' in node)) throw new Error(`steps at ${node.raw} cannot be counted`)
  const inner = oneOf(run, node.alternatives, node.kind === 'lookahead' ? 1 : -1)
  return (at) => inner(at, () => true) !== node.negate
}

/** The real engine says whether a single sign fits: it knows cases and Unicode. */
function character(run: Run, raw: string, direction: 1 | -1): Matcher {
  const one = new RegExp(`^(?:${raw})$`, run.flags.replace('m', ''))
  const known = new Map<string, boolean>()
  const fits = (sign: string): boolean => {
    const isKnown = known.get(sign) ?? one.test(sign)
    known.set(sign, isKnown)
    return isKnown
  }
  return (at, next) => {
    run.step()
    const sign = run.text[direction === 1 ? at : at - 1]
    return sign !== undefined && fits(sign) && next(at + direction)
  }
}
