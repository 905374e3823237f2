// Adds up the entries to balances, slice by slice: an entry never changes, so the sums so far stay right.
import { sql } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import { balanceChecks } from '../checks.ts'
import type { RowCheck } from '../checks.ts'
import type { Findings } from './findings.ts'
import { createTakings } from './takings.ts'
import type { Step } from './walk.ts'

interface EntryRow {
  readonly id: number
  readonly account_id: string
  readonly amount: number
  readonly balance_after: number
  readonly task_id: string | null
  readonly for_task_id: string | null
  readonly owed_change: number | null
  readonly owed_after: number | null
}

interface AccountRow {
  readonly id: string
  readonly balance: number
  readonly owed: number
}

export interface Balances {
  /** The next slice of the entries; after the end it continues with entries written since. */
  readonly entries: Step
  /** The next slice of the accounts, after all entries of the same snapshot were added up. */
  readonly accounts: Step
  counts(): { readonly accounts: number; readonly entries: number }
}

interface BalanceTerms {
  readonly sliceRows: number
  readonly ofEntries: readonly RowCheck[]
  readonly ofAccounts: readonly RowCheck[]
}

export function createBalances(
  { sliceRows, ofEntries, ofAccounts }: BalanceTerms,
  findings: Findings,
): Balances {
  const sums = new Map<string, number>()
  const taken = createTakings()
  const debts = new Map<string, number>()
  const compare = (
    check: { readonly check: string },
    id: string,
    [expected, found]: [number, number],
  ): void => {
    if (expected === found) return
    findings.add({ ...check, id, expected: String(expected), found: String(found) })
  }
  const counted = { accounts: 0, entries: 0 }
  let lastEntry = Number.MIN_SAFE_INTEGER
  let lastAccount = ''

  const entries: Step = async (read) => {
    const rows = await entriesAfter(read, lastEntry, sliceRows)
    const last = rows.at(-1)
    if (!last) return false
    const slice = sql`c.id > ${lastEntry} AND c.id <= ${last.id}`
    for (const { check, query } of ofEntries) await findings.collect(read, check, query(slice))
    for (const { id, account_id: account, amount, balance_after: found, ...row } of rows) {
      // What an ended task was given back, or charged again, is of that task too.
      if ((row.task_id ?? row.for_task_id) !== null) taken.add(account, amount)
      const expected = (sums.get(account) ?? 0) + amount
      sums.set(account, expected)
      compare(balanceChecks.entry, String(id), [expected, found])
      if (row.owed_change === null && row.owed_after === null) continue
      const debt = (debts.get(account) ?? 0) + (row.owed_change ?? 0)
      debts.set(account, debt)
      compare(balanceChecks.owedAfter, String(id), [debt, row.owed_after ?? 0])
    }
    lastEntry = last.id
    counted.entries += rows.length
    return rows.length === sliceRows
  }

  const accounts: Step = async (read) => {
    // First add up new entries: a balance must be compared with entries of the same state.
    while (await entries(read));
    const rows = await accountsAfter(read, lastAccount, sliceRows)
    const last = rows.at(-1)
    if (!last) return false
    const slice = sql`c.id > ${lastAccount} AND c.id <= ${last.id}`
    for (const { check, query } of ofAccounts) await findings.collect(read, check, query(slice))
    for (const { id, balance, owed } of rows) {
      compare(balanceChecks.account, id, [sums.get(id) ?? 0, balance])
      compare(balanceChecks.owed, id, [debts.get(id) ?? 0, owed])
    }
    await taken.compare(read, { after: lastAccount, until: last.id }, findings)
    lastAccount = last.id
    counted.accounts += rows.length
    return rows.length === sliceRows
  }

  return { entries, accounts, counts: () => ({ ...counted }) }
}

const entriesAfter = async (read: Connection, id: number, max: number): Promise<EntryRow[]> =>
  await read.rows<EntryRow>(
    sql`SELECT c.id, c.account_id, c.amount, c.balance_after, c.task_id, c.for_task_id, c.owed_change, c.owed_after FROM ${read.tables.entries} c
      WHERE c.id > ${id} ORDER BY c.id LIMIT ${max}`,
  )

const accountsAfter = async (read: Connection, id: string, max: number): Promise<AccountRow[]> =>
  await read.rows<AccountRow>(
    sql`SELECT c.id, c.balance, c.owed FROM ${read.tables.accounts} c WHERE c.id > ${id} ORDER BY c.id LIMIT ${max}`,
  )
