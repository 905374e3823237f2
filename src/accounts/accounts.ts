// Accounts of paying customers. An account has one balance and any number of keys.
import { desc, eq, lt, or } from '../db/drizzle.ts'
import type { Connection, Tx } from '../db/database.ts'
import { filteredPage, cutPage, holds } from '../db/page.ts'
import type { Page } from '../db/page.ts'
import type { accountStatuses } from '../db/tables.ts'
import { erasedAccount, GatewayError } from '../errors.ts'
import { idAfterAll, newId } from '../ids.ts'
import { noLimits } from './limits.ts'
import type { OrderLimits, RateLimits } from './limits.ts'

export type AccountStatus = (typeof accountStatuses)[number]

export interface Account extends RateLimits, OrderLimits {
  readonly id: string
  readonly name: string
  readonly status: AccountStatus
  readonly balance: number
  /** Credits that were taken back when they were spent already. */
  readonly owed: number
  /** Null: as configured; 0: never. */
  readonly lowBalance: number | null
  readonly tasksOpen: number
  readonly creditsOpen: number
  readonly createdAt: number
  /** Its name in `plans` of tollgate.yaml; null: none. */
  readonly plan: string | null
  /** When its operator erased it; null: it was not. */
  readonly erasedAt: number | null
}

export async function createAccount(tx: Tx, input: { name: string; nowMs: number }): Promise<Account> {
  const account: Account = {
    id: newId('acc', input.nowMs),
    name: input.name,
    status: 'active',
    balance: 0,
    owed: 0,
    lowBalance: null,
    tasksOpen: 0,
    creditsOpen: 0,
    ...noLimits,
    plan: null,
    erasedAt: null,
    createdAt: input.nowMs,
  }
  await tx.insert(tx.tables.accounts).values(account)
  return account
}

/** The same account in another store, as it stands in its own: without credits where it is new there. */
export async function mirrorAccount(
  tx: Tx,
  { id, status, nowMs, ...limits }: Pick<Account, 'id' | 'status'> & RateLimits & { nowMs: number },
): Promise<void> {
  const { accounts } = tx.tables
  const asItStands = { status, ...limits }
  const account = { id, name: id, balance: 0, tasksOpen: 0, creditsOpen: 0, createdAt: nowMs, ...asItStands }
  await tx.insert(accounts).values(account).onConflictDoUpdate({ target: accounts.id, set: asItStands })
}

/** Throws not_found if there is no such account. */
export async function requireAccount(read: Connection, id: string): Promise<Account> {
  const [account] = await read.select().from(read.tables.accounts).where(eq(read.tables.accounts.id, id))
  if (!account) throw noSuchAccount()
  return account
}

/** The same of an account that may be changed. Throws invalid_request for one that was erased. */
export async function requireOpenAccount(read: Connection, id: string): Promise<Account> {
  const account = await requireAccount(read, id)
  if (account.erasedAt !== null) throw erasedAccount()
  return account
}

export interface AccountFilter {
  /** Part of a name or of an id. */
  readonly query: string | null
  /** The `next` of the page before. */
  readonly before: string | null
  readonly limit: number
}

/** Newest first. With a query, each page searches a bounded number of accounts. */
export async function listAccounts(read: Connection, filter: AccountFilter): Promise<Page<Account>> {
  const { accounts } = read.tables
  const { query, limit } = filter
  const wanted = query === null ? undefined : or(holds(accounts.name, query), holds(accounts.id, query))
  const before = filter.before ?? idAfterAll('acc')
  if (wanted !== undefined)
    return await filteredPage(read, { table: 'accounts', of: undefined, wanted, before, limit })
  const rows = await read
    .select()
    .from(accounts)
    .where(lt(accounts.id, before))
    .orderBy(desc(accounts.id))
    .limit(limit + 1)
  return cutPage(rows, limit)
}

export type AccountChange = Partial<
  Pick<Account, 'status' | 'plan' | 'lowBalance' | keyof RateLimits | keyof OrderLimits>
>

/** Changes only the given fields. Throws not_found. */
export async function changeAccount(tx: Tx, id: string, change: AccountChange): Promise<Account> {
  const { accounts } = tx.tables
  if (Object.keys(change).length === 0) return await requireAccount(tx, id)
  const [account] = await tx.update(accounts).set(change).where(eq(accounts.id, id)).returning()
  if (!account) throw noSuchAccount()
  return account
}

const noSuchAccount = () =>
  new GatewayError(
    'not_found',
    { en: 'There is no account with this id.', zh: '没有这个 id 的账户。' },
    { field: 'id' },
  )
