// Accounts: found by what they are called, turned page by page, and changed only in what is given.
import { describe, expect, test } from 'vitest'
import { changeAccount, createAccount, listAccounts, requireAccount } from '../../src/accounts/accounts.ts'
import type { Account } from '../../src/accounts/accounts.ts'
import type { Database } from '../../src/db/database.ts'
import type { Page } from '../../src/db/page.ts'
import { openDatabase } from '../support/test-store.ts'

async function withAccounts(...names: string[]): Promise<{ db: Database; ids: string[] }> {
  const { db } = await openDatabase()
  const ids: string[] = []
  for (const name of names) {
    ids.push((await db.transaction((tx) => createAccount(tx, { name, nowMs: 1 }))).id)
  }
  return { db, ids }
}

const namesFor = async (db: Database, query: string | null): Promise<string[]> =>
  (await listAccounts(db.read, { query, before: null, limit: 100 })).rows.map(({ name }) => name)

describe('a search', () => {
  test.each([
    ['ann', ['Anna', 'Hanna']],
    ['ANNA', ['Anna', 'Hanna']],
    ['100%', ['100% sure']],
    ['r_s', ['under_score']],
    ['r%s', []],
    ['\\', ['back\\slash']],
    ["' OR 1=1 --", []],
    ['', ['back\\slash', 'under_score', '100% sure', 'Hanna', 'Anna']],
  ])('for "%s" finds what holds it as it is written, newest first', async (query, names) => {
    const { db } = await withAccounts('Anna', 'Hanna', '100% sure', 'under_score', 'back\\slash')
    expect((await namesFor(db, query)).toSorted()).toEqual(names.toSorted())
  })

  test('finds an account by a part of its id', async () => {
    const { db, ids } = await withAccounts('one', 'two')
    expect(await namesFor(db, ids[0]?.slice(-8) ?? '')).toEqual(['one'])
  })
})

test('pages follow one another without a gap or a repetition, newest first', async () => {
  const { db, ids } = await withAccounts('a', 'b', 'c', 'd', 'e')
  const seen: string[] = []
  let before: string | null = null
  do {
    const page: Page<Account> = await listAccounts(db.read, { query: null, before, limit: 2 })
    seen.push(...page.rows.map(({ id }) => id))
    before = page.next
  } while (before !== null)
  expect(seen).toEqual(ids.toReversed())
})

test('a change leaves alone what it does not name', async () => {
  const { db, ids } = await withAccounts('a', 'b')
  const [id = '', other = ''] = ids
  const change = async (what: Parameters<typeof changeAccount>[2]) =>
    await db.transaction(async (tx) => await changeAccount(tx, id, what))
  await change({ tasksInFlightMax: 5 })
  await change({ status: 'suspended' })
  expect(await change({})).toMatchObject({
    status: 'suspended',
    tasksInFlightMax: 5,
    requestsPerMinuteMax: null,
  })
  expect(await requireAccount(db.read, other)).toMatchObject({ status: 'active', tasksInFlightMax: null })
})

test('an account that was never is told so, to whoever asks or changes', async () => {
  const { db } = await withAccounts()
  await expect(requireAccount(db.read, 'acc_none')).rejects.toMatchObject({ type: 'not_found' })
  for (const change of [{}, { status: 'active' as const }]) {
    const changing = db.transaction((tx) => changeAccount(tx, 'acc_none', change))
    await expect(changing).rejects.toMatchObject({ type: 'not_found' })
  }
})
