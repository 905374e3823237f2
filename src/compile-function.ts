// Generates functions from text, for hot paths where a loop over names costs more than the work itself.
import { compileFunction } from 'node:vm'

/**
 * Returns a function of `input` with the value of `expression`, which may use the values of `known` by name.
 * It names each property, so that the engine knows the shapes of its input and output, unlike with a loop
 * over names. The expression consists only of names from our own tables and schemas; it must never contain
 * external input.
 */
export function compileFunctionOf(
  expression: string,
  known: Readonly<Record<string, unknown>>,
): (input: never) => unknown {
  const make = compileFunction(`return (input) => ${expression}`, Object.keys(known)) as Make
  return make(...Object.values(known))
}

type Make = (...known: readonly unknown[]) => (input: never) => unknown
