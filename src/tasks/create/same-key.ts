// Orders with the same Idempotency-Key that this process is letting in at the same time, in the order of their arrival.
import type { Database } from '../../db/database.ts'

interface Place {
  /** Resolves once every order with the key that came before is stored or refused; at once if there is none. */
  readonly before: Promise<unknown> | null
  /** Must be called, whatever became of the order. */
  leave(): void
}

const lines = new WeakMap<Database, Map<string, Promise<unknown>>>()

/** Call it before anything is awaited. Places wait for earlier ones alone, so that none waits for itself. */
export function standInLine(db: Database, accountId: string, key: string): Place {
  const line = lines.get(db) ?? new Map<string, Promise<unknown>>()
  lines.set(db, line)
  const name = `${accountId} ${key}`
  const before = line.get(name) ?? null
  const { promise: left, resolve: leave } = Promise.withResolvers<void>()
  const own = before ? Promise.all([before, left]) : left
  line.set(name, own)
  return {
    before,
    leave() {
      if (line.get(name) === own) line.delete(name)
      leave()
    },
  }
}
