// A served store: a thread syncs its log. What is not on the disk yet is acknowledged to nobody, and read by nobody.
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CommitUnknown } from '../../src/db/errors.ts'
import type { Connection, Database, Tx } from '../../src/db/database.ts'
import type { LogSync } from '../../src/db/sqlite/log/sync.ts'
import { openLogSync } from '../../src/db/sqlite/log/sync.ts'
import { createSyncThread } from '../../src/db/sqlite/log/thread.ts'
import { openSqlite } from '../../src/db/sqlite/sqlite.ts'
import { newFolder } from '../support/folder.ts'
import { commitsInLog, placeFreshFile } from '../support/stores/sqlite-file.ts'
import { newAccount, outsideLook } from './outside.ts'

const insert = (id: string) => async (tx: Tx) => {
  await tx.insert(tx.tables.accounts).values(newAccount(id))
  return id
}

const idsIn = async (read: Connection): Promise<string[]> =>
  (await read.select({ id: read.tables.accounts.id }).from(read.tables.accounts)).map(({ id }) => id)

/** A disk whose syncs end when the test says so. */
function slowDisk() {
  const syncs: PromiseWithResolvers<void>[] = []
  const next = async (): Promise<PromiseWithResolvers<void>> => {
    for (;;) {
      const sync = syncs.shift()
      if (sync) return sync
      await turn()
    }
  }
  let isEasy = false
  const log: LogSync = {
    async sync() {
      if (isEasy) return
      const sync = Promise.withResolvers<void>()
      syncs.push(sync)
      await sync.promise
    },
    close: () => undefined,
  }
  return {
    open: () => log,
    /** How many syncs have begun and not ended. */
    waiting: () => syncs.length,
    async begun(): Promise<void> {
      while (syncs.length === 0) await turn()
      // What would be wrong has had its chance to happen.
      await turns()
    },
    end: async () => (await next()).resolve(),
    fail: async () => (await next()).reject(new Error('EIO: i/o error, fdatasync')),
    /** From now on it is quick. */
    ease() {
      isEasy = true
      for (const { resolve } of syncs.splice(0)) resolve()
    },
  }
}

const turn = async () => await new Promise((resolve) => setImmediate(resolve))

async function turns(): Promise<void> {
  for (let at = 0; at < 20; at += 1) await turn()
}

function openServed(pages?: number) {
  const file = join(newFolder(), 'store.db')
  placeFreshFile(file)
  const disk = slowDisk()
  const fatal: unknown[] = []
  const onFatal = (error: CommitUnknown) => void fatal.push(error)
  const db = openSqlite({ file, served: true, onFatal, log: { openLog: disk.open, pages } })
  onTestFinished(async () => {
    disk.ease()
    await db.close()
  })
  return { db, file, disk, fatal }
}

/** Says what a promise has come to so far. */
function watched(promise: Promise<unknown>) {
  const state = { value: 'waits' }
  promise.then(
    () => (state.value = 'done'),
    () => (state.value = 'failed'),
  )
  return async () => {
    await turns()
    return state.value
  }
}

describe('while a commit waits for the disk', () => {
  test('nobody is told of it, and nobody in the process reads it', async () => {
    const { db, disk, file } = openServed()
    const rights = db.rights()
    const work = db.transaction(insert('acc_1'))
    const told = watched(work)
    await disk.begun()
    expect(commitsInLog(file), 'it is in the log').toBe(1)
    const snapshot = db.snapshot(idsIn)
    const looked = watched(snapshot)
    expect([await told(), await looked()]).toEqual(['waits', 'waits'])
    expect(await idsIn(db.read)).toEqual([])
    expect(db.rights()).toBe(rights)
    await disk.end()
    expect(await work).toBe('acc_1')
    expect(await idsIn(db.read)).toEqual(['acc_1'])
    expect(await snapshot).toEqual(['acc_1'])
  })

  test('a read that has begun before it, and one in a later turn of the event loop, see the same', async () => {
    const { db, disk } = openServed()
    expect(await idsIn(db.read)).toEqual([])
    void db.transaction(insert('acc_1'))
    await disk.begun()
    for (let at = 0; at < 3; at += 1) {
      // Longer than a look at the store lasts.
      const until = performance.now() + 2
      while (performance.now() < until);
      expect(await idsIn(db.read)).toEqual([])
      await turn()
    }
  })

  test('the next works run, see it, and are committed and acknowledged after it', async () => {
    const { db, disk, file } = openServed()
    const first = db.transaction(insert('acc_1'))
    await disk.begun()
    const seen: string[][] = []
    const second = db.transaction(async (tx) => {
      seen.push(await idsIn(tx))
      return await insert('acc_2')(tx)
    })
    const told = watched(second)
    expect(await told()).toBe('waits')
    expect(seen).toEqual([['acc_1']])
    expect(commitsInLog(file), 'one commit at a time waits for the disk').toBe(1)
    await disk.end()
    await first
    expect(await idsIn(db.read)).toEqual(['acc_1'])
    await disk.begun()
    expect(commitsInLog(file)).toBe(2)
    expect(await idsIn(db.read)).toEqual(['acc_1'])
    expect(await told()).toBe('waits')
    await disk.end()
    await second
    expect(await idsIn(db.read)).toEqual(['acc_1', 'acc_2'])
  })

  test('works that come meanwhile share the next commit', async () => {
    const { db, disk, file } = openServed()
    const works = [db.transaction(insert('acc_0'))]
    await disk.begun()
    for (const id of ['acc_1', 'acc_2', 'acc_3']) {
      works.push(db.transaction(insert(id)))
      await turns()
    }
    await disk.end()
    await disk.begun()
    await disk.end()
    await Promise.all(works)
    expect(commitsInLog(file)).toBe(2)
  })

  test('a work that fails for what it has seen of it is not told so before', async () => {
    const { db, disk } = openServed()
    const first = db.transaction(insert('acc_1'))
    await disk.begun()
    const twin = db.transaction(insert('acc_1'))
    const told = watched(twin)
    expect(await told()).toBe('waits')
    expect(disk.waiting(), 'one commit at a time waits for the disk').toBe(1)
    await disk.end()
    await first
    disk.ease()
    await expect(twin).rejects.toThrow()
  })

  test('a commit of another process is seen: its sync of the same log has made ours durable', async () => {
    const { db, disk, file } = openServed()
    const other = outsideLook(file)
    other.pragma('synchronous = FULL')
    const work = db.transaction(insert('acc_1'))
    const told = watched(work)
    await disk.begun()
    const rights = db.rights()
    other.exec("UPDATE accounts SET status = 'suspended'")
    await turns()
    const until = performance.now() + 2
    while (performance.now() < until);
    expect(db.rights()).not.toBe(rights)
    expect(await idsIn(db.read)).toEqual(['acc_1'])
    expect(await told(), 'our own sync still decides').toBe('waits')
    await disk.end()
    await work
  })

  test('closing waits for it', async () => {
    const { db, disk } = openServed()
    void db.transaction(insert('acc_1'))
    await disk.begun()
    const closed = watched(db.close())
    expect(await closed()).toBe('waits')
    await disk.end()
    while ((await closed()) === 'waits');
    expect(await closed()).toBe('done')
  })
})

describe('when the sync of a commit fails', () => {
  test('its works, those of the next turn and those that wait are not claimed, and the process is told once', async () => {
    const { db, disk, fatal } = openServed()
    const works = [db.transaction(insert('acc_1'))]
    await disk.begun()
    works.push(db.transaction(insert('acc_2')))
    const snapshot = db.snapshot(idsIn)
    await turns()
    await disk.fail()
    const all = await Promise.allSettled([...works, db.transaction(insert('acc_3'))])
    for (const outcome of all)
      expect(outcome.status === 'rejected' && outcome.reason).toBeInstanceOf(CommitUnknown)
    await expect(snapshot).rejects.toThrow('EIO')
    expect(fatal).toHaveLength(1)
    expect(await idsIn(db.read), 'nobody reads what may not be on the disk').toEqual([])
    expect(disk.waiting()).toBe(0)
  })

  test('of a descriptor that is closed', async () => {
    const file = join(newFolder(), 'store.db')
    placeFreshFile(file)
    const db = openSqlite({ file, onFatal: () => undefined })
    onTestFinished(() => db.close())
    const log = openLogSync(file)
    await log.sync()
    log.close()
    await expect(log.sync()).rejects.toThrow('EBADF')
  })

  test('because its thread has died, and the next sync has a new one', async () => {
    const program = join(newFolder(), 'thread.mjs')
    writeFileSync(program, 'process.exit()\n')
    const sync = createSyncThread(pathToFileURL(program))
    await expect(sync(1)).rejects.toThrow('has ended')
    await expect(sync(1)).rejects.toThrow('has ended')
  })
})

describe('a log that has grown', () => {
  const fill = async (db: Database, from: number, count: number) => {
    for (let at = from; at < from + count; at += 1) await db.transaction(insert(`acc_${at}`))
  }

  test('is copied into the store by a thread, and begun anew, while works go on', async () => {
    const { db, file, disk } = openServed(50)
    disk.ease()
    await fill(db, 0, 400)
    await expect.poll(() => commitsInLog(file)).toBeLessThan(400)
    await fill(db, 400, 100)
    expect(statSync(`${file}-wal`).size).toBeLessThan(statSync(file).size * 10)
    expect(await idsIn(db.read)).toHaveLength(500)
  })

  test('stays while somebody reads what is in it, and is begun anew afterwards', async () => {
    const { db, file, disk } = openServed(50)
    disk.ease()
    await fill(db, 0, 10)
    const reader = outsideLook(file)
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM accounts').get()
    await fill(db, 10, 200)
    expect(commitsInLog(file)).toBe(210)
    reader.exec('COMMIT')
    let next = 210
    while (commitsInLog(file) > 100 && next < 10_000) await fill(db, (next += 50) - 50, 50)
    expect(commitsInLog(file)).toBeLessThanOrEqual(100)
  })
})
