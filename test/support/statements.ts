// What the store was asked, statement by statement, whatever its dialect.
import { dialects } from './test-store.ts'

/** From before the store is opened, since a connection prepares on itself. Restore it when the file ends. */
export function watchStatements() {
  const watches = dialects.map((dialect) => dialect.watch())
  const asked = (): string[] => watches.flatMap((watch) => watch.asked())
  const isQuery = (statement: string) => /^\s*(select|update|delete|insert|with)\b/i.test(statement)
  return {
    /** Every statement so far. */
    all: () => [...new Set(asked().filter(isQuery))],
    /** Those that the work brought. */
    async during(work: () => Promise<unknown>): Promise<string[]> {
      const before = watches.map((watch) => watch.asked().length)
      await work()
      return watches.flatMap((watch, at) => watch.asked().slice(before[at])).filter(isQuery)
    },
    restore: () => {
      for (const watch of watches) watch.restore()
    },
  }
}
