// A thread that writes, with works of its own, for the tests of such threads.
import { isMainThread } from 'node:worker_threads'
import { eq, sql } from 'drizzle-orm'
import type { Tx } from '../../src/db/database.ts'
import { serveWrites } from '../../src/db/writer-thread.ts'
import { GatewayError } from '../../src/errors.ts'

const work = <Input, Output>(name: string, run: (tx: Tx, input: Input) => Promise<Output>) => ({ name, run })

const newAccount = (id: string) => ({
  id,
  name: id,
  status: 'active' as const,
  balance: 0,
  tasksOpen: 0,
  createdAt: 1,
})

export const addAccount = work('addAccount', async (tx, id: string) => {
  await tx.insert(tx.tables.accounts).values(newAccount(id))
  return { id }
})

/** Reads, then writes: two at once would lose one. */
export const addOne = work('addOne', async (tx, id: string) => {
  const { accounts } = tx.tables
  const [row] = await tx.select({ balance: accounts.balance }).from(accounts).where(eq(accounts.id, id))
  const balance = (row?.balance ?? 0) + 1
  await tx.update(accounts).set({ balance }).where(eq(accounts.id, id))
  return balance
})

export const refuse = work('refuse', async (tx, id: string) => {
  await tx.insert(tx.tables.accounts).values(newAccount(id))
  throw new GatewayError(
    'insufficient_credits',
    { en: 'Too little.', zh: '不足。' },
    { field: 'credits', retryAfterMs: 5, detail: 'why' },
  )
})

export const takeLong = work('takeLong', async (tx, ms: number) => {
  await tx.rows(sql`SELECT 1`)
  const until = performance.now() + ms
  while (performance.now() < until);
  return ms
})

export const endTheThread = work('endTheThread', (_tx, code: number) => {
  process.exit(code)
})

if (!isMainThread) serveWrites([addAccount, addOne, refuse, takeLong, endTheThread])
