// What every dialect promises of a transaction: kept whole or not at all, alone, and never claimed when in doubt.
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Tx } from '../../../src/db/database.ts'
import { isStoreUnavailable } from '../../../src/db/errors.ts'
import { dialects } from '../../support/test-store.ts'
import { accountIds, accountRow, insertAccount, openStore } from './dialects.ts'

describe.each(dialects)('$name', ({ newUrl }) => {
  test('what a work returns is returned once it is committed, and others see it from then on', async () => {
    const { db } = await openStore(newUrl())
    const seen: string[][] = []
    const kept = await db.transaction(async (tx) => {
      await insertAccount('acc_1')(tx)
      seen.push(await accountIds(tx), await accountIds(db.read))
      return 'result'
    })
    expect(kept).toBe('result')
    expect(seen).toEqual([['acc_1'], []])
    expect(await accountIds(db.read)).toEqual(['acc_1'])
  })

  test('a work that throws leaves nothing and hands on its own error; those beside it stay', async () => {
    const { db } = await openStore(newUrl())
    const own = new Error('changed its mind')
    const [before, failed, after] = await Promise.allSettled([
      db.transaction(insertAccount('before')),
      db.transaction(async (tx) => {
        await insertAccount('half done')(tx)
        throw own
      }),
      db.transaction(insertAccount('after')),
    ])
    expect(failed).toEqual({ status: 'rejected', reason: own })
    expect([before.status, after.status]).toEqual(['fulfilled', 'fulfilled'])
    expect(await accountIds(db.read)).toEqual(['after', 'before'])
  })

  test('a statement that is refused undoes its work alone, and is no failure of the store', async () => {
    const { db } = await openStore(newUrl())
    await db.transaction(insertAccount('there'))
    const [clash, below, reference, beside] = await Promise.allSettled([
      db.transaction(async (tx) => {
        await insertAccount('with the clash')(tx)
        return await insertAccount('there')(tx)
      }),
      db.transaction(insertAccount('below zero', -1)),
      db.transaction(async (tx) => {
        const key = { id: 'key_1', accountId: 'nobody', name: '', hash: 'h', prefix: 'p', createdAt: 1 }
        await tx.insert(tx.tables.keys).values(key)
      }),
      db.transaction(insertAccount('beside')),
    ])
    for (const refused of [clash, below, reference]) {
      expect(refused.status).toBe('rejected')
      const { cause = null, ...error } = (refused as PromiseRejectedResult).reason
      expect(isStoreUnavailable(cause ?? error)).toBe(false)
    }
    expect(beside.status).toBe('fulfilled')
    expect(await accountIds(db.read)).toEqual(['beside', 'there'])
  })

  test('a conditional update lets one of many win, however many try at once', async () => {
    const { db } = await openStore(newUrl())
    await db.transaction(insertAccount('acc_1', 10))
    const spend = async (tx: Tx): Promise<boolean> => {
      const { accounts } = tx.tables
      const spent = await tx
        .update(accounts)
        .set({ balance: sql`${accounts.balance} - 7` })
        .where(sql`${accounts.id} = 'acc_1' AND ${accounts.balance} >= 7`)
        .returning({ id: accounts.id })
      return spent.length === 1
    }
    const won = await Promise.all(Array.from({ length: 40 }, () => db.transaction(spend)))
    expect(won.filter(Boolean)).toHaveLength(1)
    expect(await db.read.select().from(db.read.tables.accounts)).toMatchObject([{ balance: 3 }])
  })

  test('of many that insert the same, one is told that it did, and the others find that one', async () => {
    const { db } = await openStore(newUrl())
    const insertOnce = async (tx: Tx): Promise<boolean> => {
      const { accounts } = tx.tables
      const row = accountRow('acc_1')
      const made = await tx.insert(accounts).values(row).onConflictDoNothing().returning({ id: accounts.id })
      expect(await accountIds(tx)).toEqual(['acc_1'])
      return made.length === 1
    }
    const made = await Promise.all(Array.from({ length: 20 }, () => db.transaction(insertOnce)))
    expect(made.filter(Boolean)).toHaveLength(1)
  })

  test('a snapshot stays at one committed state while others write, and cannot write itself', async () => {
    const { db } = await openStore(newUrl())
    await db.transaction(insertAccount('acc_1'))
    await db.snapshot(async (read) => {
      expect(await accountIds(read)).toEqual(['acc_1'])
      await db.transaction(insertAccount('acc_2'))
      expect(await accountIds(read)).toEqual(['acc_1'])
    })
    await expect(db.snapshot(async (read) => await insertAccount('acc_3')(read as Tx))).rejects.toThrow()
    await expect(insertAccount('acc_4')(db.read as Tx)).rejects.toThrow()
    expect(await accountIds(db.read)).toEqual(['acc_1', 'acc_2'])
  })

  test('closing ends what was taken, one that may be delayed too; then nothing more is taken', async () => {
    const url = newUrl()
    const { db, fatal } = await openStore(url)
    const taken = [
      db.transaction(insertAccount('acc_1'), { mayDelay: true }),
      db.transaction(insertAccount('acc_2')),
    ]
    await db.close()
    await Promise.all(taken)
    await expect(db.transaction(insertAccount('acc_3'))).rejects.toThrow('closed')
    expect(fatal).toEqual([])
    expect(await accountIds((await openStore(url)).db.read)).toEqual(['acc_1', 'acc_2'])
  })

  test('what waits to be written is counted, and nothing waits in the end', async () => {
    const { db } = await openStore(newUrl())
    const works = Array.from({ length: 30 }, (_, at) => db.transaction(insertAccount(`acc_${at}`)))
    expect(db.backlog().works).toBeGreaterThan(0)
    await Promise.all(works)
    expect(db.backlog()).toEqual({ works: 0, oldestMs: 0 })
  })

  test.each<[string, boolean, (tx: Tx) => Promise<unknown>]>([
    ['suspending an account', true, (tx) => tx.update(tx.tables.accounts).set({ status: 'suspended' })],
    ['another limit of an account', true, (tx) => tx.update(tx.tables.accounts).set({ tasksInFlightMax: 5 })],
    ['revoking a key', true, (tx) => tx.update(tx.tables.keys).set({ revokedAt: 1 })],
    ['another balance', false, (tx) => tx.update(tx.tables.accounts).set({ balance: 5 })],
  ])('%s: rights have changed: %s', async (_, isNew, change) => {
    const url = newUrl()
    const { db } = await openStore(url)
    const other = (await openStore(url)).db
    await db.transaction(async (tx) => {
      await insertAccount('acc_1')(tx)
      const key = { id: 'key_1', accountId: 'acc_1', name: '', hash: 'h', prefix: 'p', createdAt: 1 }
      await tx.insert(tx.tables.keys).values(key)
    })
    await new Promise((resolve) => setImmediate(resolve))
    const rights = db.rights()
    await other.transaction(async (tx) => void (await change(tx)))
    await new Promise((resolve) => setImmediate(resolve))
    // Null: the dialect reads them each time.
    expect(rights === null || db.rights() !== rights).toBe(rights === null || isNew)
  })
})
