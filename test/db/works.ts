// Works that a thread can do, for the tests of that thread.
import { eq, sql } from 'drizzle-orm'
import { portable } from '../../src/db/portable.ts'
import { GatewayError } from '../../src/errors.ts'

const newAccount = (id: string) => ({
  id,
  name: id,
  status: 'active' as const,
  balance: 0,
  tasksOpen: 0,
  createdAt: 1,
})

export const addAccount = portable(import.meta.url, 'addAccount', async (tx, id: string) => {
  await tx.insert(tx.tables.accounts).values(newAccount(id))
  return { id }
})

/** Reads, then writes: two at once would lose one. */
export const addOne = portable(import.meta.url, 'addOne', async (tx, id: string) => {
  const { accounts } = tx.tables
  const [row] = await tx.select({ balance: accounts.balance }).from(accounts).where(eq(accounts.id, id))
  const balance = (row?.balance ?? 0) + 1
  await tx.update(accounts).set({ balance }).where(eq(accounts.id, id))
  return balance
})

export const refuse = portable(import.meta.url, 'refuse', async (tx, id: string) => {
  await tx.insert(tx.tables.accounts).values(newAccount(id))
  throw new GatewayError(
    'insufficient_credits',
    { en: 'Too little.', zh: '不足。' },
    { field: 'credits', retryAfterMs: 5, detail: 'why' },
  )
})

export const takeLong = portable(import.meta.url, 'takeLong', async (tx, ms: number) => {
  await tx.rows(sql`SELECT 1`)
  const until = performance.now() + ms
  while (performance.now() < until);
  return ms
})

export const endTheThread = portable(import.meta.url, 'endTheThread', (_tx, code: number) => {
  process.exit(code)
})
