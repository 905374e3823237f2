// What the store promises of its works: durable together, undone alone, and never claimed when in doubt.
import { sql } from 'drizzle-orm'
import { describe, expect, test, vi } from 'vitest'
import { CommitUnknown } from '../../src/db/errors.ts'
import type { Connection, Database, Tx } from '../../src/db/database.ts'
import { commitsInLog } from '../support/stores/sqlite-file.ts'
import { newAccount, openFile, outsideLook } from './outside.ts'

const insert = (id: string) => async (tx: Tx) => {
  await tx.insert(tx.tables.accounts).values(newAccount(id))
  return id
}

const idsIn = async (read: Connection): Promise<string[]> =>
  (await read.select({ id: read.tables.accounts.id }).from(read.tables.accounts)).map(({ id }) => id)

async function pragmaOf(connection: Connection, name: string): Promise<unknown> {
  const [row] = await connection.rows<Record<string, unknown>>(sql.raw(`PRAGMA ${name}`))
  return Object.values(row ?? {})[0]
}

const connections: Record<
  string,
  (db: Database, look: (read: Connection) => Promise<void>) => Promise<void>
> = {
  writer: async (db, look) => await db.transaction(look),
  reader: async (db, look) => await look(db.read),
  snapshot: async (db, look) => await db.snapshot(look),
}

describe.each(Object.entries(connections))('the %s', (_name, through) => {
  test('waits for the disk at every commit and keeps references whole, also in a file opened again', async () => {
    const first = await openFile()
    await first.db.transaction(insert('acc_1'))
    await first.db.close()
    const again = await openFile(first.file)
    const fullSync = 2
    for (const { db } of [await openFile(), again]) {
      await through(db, async (connection) => {
        expect(await pragmaOf(connection, 'synchronous')).toBe(fullSync)
        expect(await pragmaOf(connection, 'foreign_keys')).toBe(1)
        expect(await pragmaOf(connection, 'journal_mode')).toBe('wal')
      })
    }
  })
})

test('works that are queued together share one commit', async () => {
  const { db, file } = await openFile()
  await db.transaction(insert('first'))
  const before = commitsInLog(file)
  const ids = Array.from({ length: 50 }, (_, at) => `acc_${at}`)
  expect(await Promise.all(ids.map((id) => db.transaction(insert(id))))).toEqual(ids)
  expect(commitsInLog(file) - before).toBe(1)
})

test('a work that throws leaves nothing, and its neighbours in the same commit stay', async () => {
  const { db, file } = await openFile()
  await db.transaction(insert('first'))
  const before = commitsInLog(file)
  const failing = db.transaction(async (tx) => {
    await insert('half done')(tx)
    throw new Error('changed its mind')
  })
  const clashing = db.transaction(insert('first'))
  const [a, b, c, d] = await Promise.allSettled([
    db.transaction(insert('before')),
    failing,
    clashing,
    db.transaction(insert('after')),
  ])
  expect([a.status, b.status, c.status, d.status]).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
  expect((await idsIn(db.read)).toSorted()).toEqual(['after', 'before', 'first'])
  expect(commitsInLog(file) - before).toBe(1)
})

test('a work sees what its predecessors in the same commit did, and never what a failed one did', async () => {
  const { db } = await openFile()
  const seen: string[][] = []
  const look = async (tx: Tx) => void seen.push((await idsIn(tx)).toSorted())
  await Promise.allSettled([
    db.transaction(insert('one')),
    db.transaction(async (tx) => {
      await insert('two')(tx)
      throw new Error('no')
    }),
    db.transaction(look),
  ])
  expect(seen.at(-1)).toEqual(['one'])
})

test('a read sees only what is committed', async () => {
  const { db, file } = await openFile()
  const outside = outsideLook(file)
  const outsideCount = outside.prepare('SELECT count(*) FROM accounts').pluck()
  await db.transaction(async (tx) => {
    await insert('acc_1')(tx)
    expect(await idsIn(tx)).toEqual(['acc_1'])
    expect(await idsIn(db.read)).toEqual([])
    expect(outsideCount.get()).toBe(0)
  })
  expect(await idsIn(db.read)).toEqual(['acc_1'])
  expect(outsideCount.get()).toBe(1)
})

test('a commit is seen by whoever learns of it, also in a look that began before it and has no age', async () => {
  const { db } = await openFile()
  const nowMs = performance.now()
  const now = vi.spyOn(performance, 'now').mockReturnValue(nowMs)
  const seen: string[][] = []
  await db.transaction(async (tx) => {
    await insert('acc_1')(tx)
    seen.push(await idsIn(db.read))
  })
  seen.push(await idsIn(db.read))
  now.mockRestore()
  expect(seen).toEqual([[], ['acc_1']])
})

/** A reference that is only looked at when the turn commits makes that commit fail. */
const unkeepable = async (tx: Tx): Promise<void> => {
  await tx.run(sql`PRAGMA defer_foreign_keys = ON`)
  const key = { id: 'key_1', accountId: 'nobody', name: '', hash: 'h', prefix: 'p', createdAt: 1 }
  await tx.insert(tx.tables.keys).values(key)
}

test('after a commit that failed nothing is claimed: not by its works, not by those that wait', async () => {
  const { db, file, fatal } = await openFile()
  await db.transaction(insert('kept'))
  const settled = await Promise.allSettled([
    db.transaction(insert('neighbour')),
    db.transaction(unkeepable),
    db.transaction(insert('another')),
  ])
  for (const outcome of settled) {
    expect(outcome.status === 'rejected' && outcome.reason).toBeInstanceOf(CommitUnknown)
  }
  expect(fatal).toHaveLength(1)
  await expect(db.transaction(insert('later'))).rejects.toBeInstanceOf(CommitUnknown)
  expect(await idsIn(db.read)).toEqual(['kept'])
  await db.close()
  expect(fatal).toHaveLength(1)
  const again = await openFile(file)
  expect(await idsIn(again.db.read)).toEqual(['kept'])
  await again.db.transaction(insert('afresh'))
})

describe('when SQLite undoes a whole turn of its own accord, as on a full disk,', () => {
  /** `RAISE(ROLLBACK)` does what SQLITE_FULL and SQLITE_IOERR do. */
  async function storeWithMine() {
    const store = await openFile()
    outsideLook(store.file).exec(`
      CREATE TRIGGER mine BEFORE INSERT ON accounts WHEN NEW.id = 'mine'
      BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END`)
    return store
  }

  test('no work of it is claimed, and none is kept behind its back', async () => {
    const { db } = await storeWithMine()
    const settled = await Promise.allSettled([
      db.transaction(insert('before')),
      db.transaction(insert('mine')),
      db.transaction(insert('after')),
    ])
    const kept = settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    expect((await idsIn(db.read)).toSorted()).toEqual(kept.toSorted())
    expect(kept).not.toContain('mine')
    await db.transaction(insert('next turn'))
    expect(await idsIn(db.read)).toContain('next turn')
  })

  test("nobody is told somebody else's refusal as the cause", async () => {
    const { db } = await storeWithMine()
    const refused = db.transaction(async () => {
      throw new Error('account acc_7 has 3 credits')
    })
    const [own, bystander] = await Promise.allSettled([
      refused,
      db.transaction(insert('before')),
      db.transaction(insert('mine')),
    ])
    expect(String(own.status === 'rejected' && own.reason)).toContain('acc_7')
    expect(String(bystander.status === 'rejected' && bystander.reason)).toContain('the disk is full')
    expect(await idsIn(db.read)).toEqual([])
  })
})

test('a closed store takes no more work, after finishing what it had taken', async () => {
  const { db, file } = await openFile()
  const taken = db.transaction(insert('acc_1'))
  await db.close()
  await taken
  await expect(db.transaction(insert('acc_2'))).rejects.toThrow('closed')
  const again = await openFile(file)
  expect(await idsIn(again.db.read)).toEqual(['acc_1'])
})

test('what another process has committed is seen within a turn of the event loop, too', async () => {
  const { db, file } = await openFile()
  await db.transaction(insert('acc_1'))
  const other = outsideLook(file)
  const rights = db.rights()
  expect(await idsIn(db.read)).toEqual(['acc_1'])
  other.exec("UPDATE accounts SET id = 'acc_2', status = 'suspended'")
  const until = performance.now() + 5
  while (performance.now() < until);
  // No turn has ended since the first read: nothing but microtasks was awaited.
  expect(await idsIn(db.read)).toEqual(['acc_2'])
  expect(db.rights()).not.toBe(rights)
})

test('closing keeps every work that was taken, patient ones too', async () => {
  const { db, file } = await openFile()
  const kept = [db.transaction(insert('acc_1'), { mayDelay: true })]
  const closing = db.transaction(insert('acc_2')).then(() => {
    kept.push(db.transaction(insert('acc_3'), { mayDelay: true }))
    return db.close()
  })
  await closing
  await Promise.all(kept)
  expect(await idsIn((await openFile(file)).db.read)).toEqual(['acc_1', 'acc_2', 'acc_3'])
})

test.each([
  ["UPDATE accounts SET status = 'suspended'", true],
  ['UPDATE accounts SET requests_per_minute_max = 5', true],
  ['UPDATE accounts SET tasks_in_flight_max = 5', true],
  ['UPDATE keys SET revoked_at = 1', true],
  ['UPDATE keys SET expires_at = 1', true],
  ['DELETE FROM keys', true],
  ["UPDATE accounts SET name = 'renamed', balance = 5, tasks_open = 1, credits_open = 2", false],
])('%s, by another process: new rights: %s', async (change, isNew) => {
  const { db, file } = await openFile()
  await db.transaction(insert('acc_1'))
  const other = outsideLook(file)
  other.exec(
    "INSERT INTO keys (id, account_id, name, hash, prefix, created_at) VALUES ('k', 'acc_1', 'k', 'h', 'p', 1)",
  )
  await new Promise((resolve) => setImmediate(resolve))
  const rights = db.rights()
  other.exec(change)
  await new Promise((resolve) => setImmediate(resolve))
  expect(db.rights() !== rights).toBe(isNew)
})
