// Works done by a thread of their own: the same results, the same errors, and never in the middle of another's.
import { eq } from 'drizzle-orm'
import { expect, onTestFinished, test } from 'vitest'
import { CommitUnknown } from '../../src/db/database.ts'
import type { Database } from '../../src/db/database.ts'
import { openSqlite } from '../../src/db/sqlite.ts'
import { GatewayError } from '../../src/errors.ts'
import { newFolder } from './store.ts'
import { addAccount, addOne, endTheThread, refuse, takeLong } from './works.ts'

function openThreaded(file = `${newFolder()}/store.db`): {
  db: Database
  file: string
  fatal: CommitUnknown[]
} {
  const fatal: CommitUnknown[] = []
  const db = openSqlite({
    file,
    thread: new URL('./works.ts', import.meta.url),
    onFatal: (error) => fatal.push(error),
  })
  onTestFinished(() => db.close())
  return { db, file, fatal }
}

async function balanceOf(db: Database, id: string): Promise<number | undefined> {
  const { accounts } = db.read.tables
  const [row] = await db.read.select().from(accounts).where(eq(accounts.id, id))
  return row?.balance
}

test('a work of the thread is seen by whoever hears of it', async () => {
  const { db } = openThreaded()
  await db.read.select().from(db.read.tables.accounts)
  expect(await db.perform(addAccount, 'acc_1')).toEqual({ id: 'acc_1' })
  expect(await balanceOf(db, 'acc_1')).toBe(0)
})

test('works of the thread and of this side take turns: none is lost, and none has to wait for a lock', async () => {
  const { db } = openThreaded()
  await db.perform(addAccount, 'acc_1')
  const each = 300
  const here = async () => {
    for (let at = 0; at < each; at += 1) await db.transaction((tx) => addOne.run(tx, 'acc_1'))
  }
  const there = async () => {
    for (let at = 0; at < each; at += 1) await db.perform(addOne, 'acc_1')
  }
  await Promise.all([here(), there(), here(), there()])
  expect(await balanceOf(db, 'acc_1')).toBe(4 * each)
})

test('a refusal comes back as it was thrown, and nothing of its work stays', async () => {
  const { db } = openThreaded()
  const kept = db.perform(addAccount, 'acc_1')
  const refused = await db.perform(refuse, 'acc_2').catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(GatewayError)
  expect(refused).toMatchObject({
    type: 'insufficient_credits',
    text: { en: 'Too little.', zh: '不足。' },
    field: 'credits',
    retryAfterMs: 5,
    detail: 'why',
  })
  await kept
  expect(await balanceOf(db, 'acc_1')).toBe(0)
  expect(await balanceOf(db, 'acc_2')).toBeUndefined()
})

test("the store's own refusal keeps its code", async () => {
  const { db } = openThreaded()
  await db.perform(addAccount, 'acc_1')
  await expect(db.perform(addAccount, 'acc_1')).rejects.toMatchObject({
    code: 'SQLITE_CONSTRAINT_PRIMARYKEY',
  })
})

test('closing keeps every work that was taken', async () => {
  const { db, file } = openThreaded()
  const taken = Array.from({ length: 50 }, (_, at) => db.perform(addAccount, `acc_${at}`))
  await db.close()
  expect(await Promise.all(taken)).toHaveLength(50)
  await expect(db.perform(addAccount, 'acc_late')).rejects.toThrow('closed')
  const again = openThreaded(file)
  expect(await balanceOf(again.db, 'acc_49')).toBe(0)
})

test('while the thread is busy, this side reads on', async () => {
  const { db } = openThreaded()
  await db.perform(addAccount, 'acc_1')
  let ended = false
  const busy = db.perform(takeLong, 300).then(() => (ended = true))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(await balanceOf(db, 'acc_1')).toBe(0)
  expect(ended).toBe(false)
  await busy
})

test('where the thread dies, nobody can say what was kept: all who wait hear that, and the store takes no more', async () => {
  const { db, fatal } = openThreaded()
  await db.perform(addAccount, 'acc_1')
  const dying = db.perform(endTheThread, 3)
  const behind = db.perform(addAccount, 'acc_2')
  await expect(dying).rejects.toBeInstanceOf(CommitUnknown)
  await expect(behind).rejects.toBeInstanceOf(CommitUnknown)
  expect(fatal).toHaveLength(1)
  await expect(db.perform(addAccount, 'acc_3')).rejects.toBeInstanceOf(CommitUnknown)
  await expect(db.transaction((tx) => addAccount.run(tx, 'acc_4'))).rejects.toBeInstanceOf(CommitUnknown)
})
