// What every dialect promises of items that are gathered: one work for all of them, and each its own outcome.
import { describe, expect, test } from 'vitest'
import type { Database, Tx } from '../../../src/db/database.ts'
import { CommitUnknown, StoreAway } from '../../../src/db/errors.ts'
import { forEachItem, gather } from '../../../src/db/gather.ts'
import type { Gathering, Outcome } from '../../../src/db/gather.ts'
import { dialects } from '../../support/test-store.ts'
import { accountIds, insertAccount, openStore } from './dialects.ts'

interface Counted {
  readonly gathering: Gathering<string, string>
  /** How many items each run had. */
  readonly runs: number[]
}

function inserting(outcomeOf: (id: string) => Outcome<string>): Counted {
  const runs: number[] = []
  const run = async (tx: Tx, ids: readonly string[]): Promise<Outcome<string>[]> => {
    runs.push(ids.length)
    const outcomes = ids.map(outcomeOf)
    for (const [at, id] of ids.entries()) {
      if ('done' in (outcomes[at] ?? {})) await insertAccount(id)(tx)
    }
    return outcomes
  }
  return { gathering: { name: 'accounts', run }, runs }
}

const done = (id: string): Outcome<string> => ({ done: id })
const names = Array.from({ length: 20 }, (_, at) => `acc_${String(at).padStart(2, '0')}`)

const gatherAll = async (db: Pick<Database, 'transaction'>, { gathering }: Counted, ids = names) =>
  await Promise.allSettled(ids.map(async (id) => await gather(db, gathering, id)))

describe.each(dialects)('$name', ({ newUrl }) => {
  test('a work has its first item when the writer is given it, so that it waits for more of them', async () => {
    const { db } = await openStore(newUrl())
    const counted = inserting(done)
    const items: number[] = []
    const transaction: Database['transaction'] = async (work, options) => {
      items.push(options?.items?.() ?? 0)
      return await db.transaction(work, options)
    }
    await gatherAll({ transaction }, counted)
    expect(items).toEqual([1])
    expect(counted.runs).toEqual([names.length])
  })

  test('items that come together are one work, and each has its own result', async () => {
    const { db } = await openStore(newUrl())
    const counted = inserting(done)
    const results = await gatherAll(db, counted)
    expect(results).toEqual(names.map((value) => ({ status: 'fulfilled', value })))
    expect(counted.runs).toEqual([names.length])
    expect(await accountIds(db.read)).toEqual(names)
  })

  test('what comes while a work is under way is for the next one', async () => {
    const { db } = await openStore(newUrl())
    const later: Promise<string>[] = []
    const counted = inserting(done)
    const { run } = counted.gathering
    const gathering: Gathering<string, string> = {
      ...counted.gathering,
      async run(tx, ids) {
        if (later.length === 0) later.push(gather(db, gathering, 'acc_later'))
        return await run(tx, ids)
      },
    }
    await gatherAll(db, { ...counted, gathering })
    expect(await Promise.all(later)).toEqual(['acc_later'])
    expect(counted.runs).toEqual([names.length, 1])
  })

  test('one that is refused is told so, and undoes nothing of the others', async () => {
    const { db } = await openStore(newUrl())
    const refused = new Error('not this one')
    const counted = inserting((id) => (id === 'acc_07' ? { refused } : { done: id }))
    const results = await gatherAll(db, counted)
    expect(results[7]).toEqual({ status: 'rejected', reason: refused })
    expect(counted.runs).toEqual([names.length])
    expect(await accountIds(db.read)).toEqual(names.filter((id) => id !== 'acc_07'))
  })

  test.each([0, 11, 19])('one whose statement is refused fails alone, wherever it stands: %i', async (at) => {
    const { db } = await openStore(newUrl())
    await db.transaction(insertAccount(names[at] ?? ''))
    const results = await gatherAll(db, inserting(done))
    expect(results.map(({ status }) => status)).toEqual(
      names.map((_, place) => (place === at ? 'rejected' : 'fulfilled')),
    )
    expect(await accountIds(db.read)).toEqual(names)
  })

  test('an error of the work itself is that of the item at which it was thrown', async () => {
    const { db } = await openStore(newUrl())
    const own = new Error('changed its mind')
    const counted = inserting((id) => {
      if (id === 'acc_03') throw own
      return { done: id }
    })
    const results = await gatherAll(db, counted)
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([
      { status: 'rejected', reason: own },
    ])
    expect(await accountIds(db.read)).toEqual(names.filter((id) => id !== 'acc_03'))
  })

  test('a neighbour that fails has all of them run again, and stores nothing twice', async () => {
    const { db } = await openStore(newUrl())
    const neighbour = db.transaction(async () => {
      throw new Error('changed its mind')
    })
    const results = gatherAll(db, inserting(done))
    await expect(neighbour).rejects.toThrow('changed its mind')
    expect((await results).every(({ status }) => status === 'fulfilled')).toBe(true)
    expect(await accountIds(db.read)).toEqual(names)
  })

  test.each([new CommitUnknown(new Error('lost')), new StoreAway(new Error('away'))])(
    'none is tried again by itself where the store says: %s',
    async (error) => {
      const { db } = await openStore(newUrl())
      let tries = 0
      const transaction: Database['transaction'] = async () => {
        tries += 1
        throw error
      }
      const results = await gatherAll({ ...db, transaction }, inserting(done))
      expect(results).toEqual(names.map(() => ({ status: 'rejected', reason: error })))
      expect(tries).toBe(1)
    },
  )

  test('each that waits is counted', async () => {
    const { db } = await openStore(newUrl())
    const results = gatherAll(db, inserting(done))
    expect(db.backlog().works).toBe(names.length)
    await results
    expect(db.backlog().works).toBe(0)
  })

  test('more items than one work may have are several works', async () => {
    const { db } = await openStore(newUrl())
    const ids = Array.from({ length: 450 }, (_, at) => `acc_${String(at).padStart(3, '0')}`)
    const counted = inserting(done)
    const results = await gatherAll(db, counted, ids)
    expect(results).toEqual(ids.map((value) => ({ status: 'fulfilled', value })))
    expect(counted.runs.length).toBeGreaterThan(1)
    expect(await accountIds(db.read)).toEqual(ids)
  })

  test('of items that must not run side by side, each sees what the one before it has done', async () => {
    const { db } = await openStore(newUrl())
    const seen: (readonly string[])[] = []
    const gathering: Gathering<string, void> = {
      name: 'apart',
      run: async (tx, ids) =>
        await forEachItem(tx, ids, {
          apart: (id) => id.slice(0, 1),
          async run(id) {
            const before = await accountIds(tx)
            seen.push(before.filter((each) => each.startsWith(id.slice(0, 1))))
            await insertAccount(id)(tx)
          },
        }),
    }
    await Promise.all(['a1', 'b1', 'a2', 'c1', 'a3', 'b2'].map((id) => gather(db, gathering, id)))
    const byFirst = Map.groupBy(seen, (ids) => ids.length)
    expect([0, 1, 2].map((before) => byFirst.get(before)?.length)).toEqual([3, 2, 1])
  })
})
