// Calls of one transaction that come together run as one, where the dialect joins statements.
import type { Tx } from './database.ts'

type Run<Item, Result> = (tx: Tx, items: readonly Item[]) => Promise<readonly Result[]>

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/** `run` returns a result for each item, in their order. */
export function batched<Item, Result>(run: Run<Item, Result>): (tx: Tx, item: Item) => Promise<Result> {
  const waitingIn = new WeakMap<Tx, Waiting<Item, Result>[]>()
  const flush = async (tx: Tx): Promise<void> => {
    const waiting = waitingIn.get(tx) ?? []
    waitingIn.delete(tx)
    try {
      const results = await run(
        tx,
        waiting.map(({ item }) => item),
      )
      for (const [at, { resolve }] of waiting.entries()) resolve(results[at] as Result)
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }
  return async (tx, item) => {
    if (!tx.joins) return (await run(tx, [item]))[0] as Result
    return await new Promise<Result>((resolve, reject) => {
      const waiting = waitingIn.get(tx) ?? []
      waiting.push({ item, resolve, reject })
      if (waiting.length > 1) return
      waitingIn.set(tx, waiting)
      // All that can come before the next answer have come when no promise is left to go on.
      process.nextTick(() => void flush(tx))
    })
  }
}

/**
 * Waits for all, then throws the first error. Unlike `Promise.all` it leaves no statement under way that would find
 * another transaction.
 */
export async function allOf<Value>(promises: readonly Promise<Value>[]): Promise<Value[]> {
  const results = await Promise.allSettled(promises)
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}
