// Functions written out as text, for the few places where a loop over names costs more than the work itself.
import { compileFunction } from 'node:vm'

/**
 * A function of `input` that gives the value of `expression`, which may use the values of `known` by name.
 * It names each property, so that the engine knows the shape of what goes in and out, which a loop over names
 * never lets it. The expression is made of names of our own tables and schemas and of nothing else: nothing
 * that anybody sends may ever come into it.
 */
export function compileFunctionOf(
  expression: string,
  known: Readonly<Record<string, unknown>>,
): (input: never) => unknown {
  const make = compileFunction(`return (input) => ${expression}`, Object.keys(known)) as Make
  return make(...Object.values(known))
}

type Make = (...known: readonly unknown[]) => (input: never) => unknown
