// What a move refuses, in words, with both stores as they were.
import Sqlite from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { moveStore } from '../../../src/app/move/move-store.ts'
import type { Step } from '../../../src/app/move/move-store.ts'
import { storeAt } from '../../../src/db/store-at.ts'
import { hasPostgres } from '../../support/stores/postgres-server.ts'
import { postgres } from '../../support/stores/postgres.ts'
import { dialects, openTestStore } from '../../support/test-store.ts'
import { firstStore } from '../versions.ts'
import { newFolder } from '../../support/folder.ts'
import { everythingIn, filledFile } from './filled.ts'

interface Way {
  readonly restart?: boolean
  readonly onStep?: (step: Step) => void | Promise<void>
}

const move = async (from: string, to: string, way: Way = {}) =>
  await moveStore({ from: storeAt(from), to: storeAt(to), sliceRows: 20, ...way })

const filled = (): string => `file:${filledFile()}`
const someUrl = (): string => (dialects.at(-1) ?? dialects[0])?.newUrl() ?? ''

/** As where a disk is full, or somebody presses Ctrl-C. */
function stopAt(phase: Step['phase'], table?: string): Way {
  return {
    onStep(step) {
      if (step.phase === phase && (table === undefined || step.table === table)) throw new Error('stopped')
    },
  }
}

async function owned(url: string): Promise<void> {
  await storeAt(url).make()
  const ownership = await storeAt(url).own()
  onTestFinished(async () => await ownership.release())
}

const canOpen = async (url: string): Promise<void> =>
  await (await storeAt(url).open({ onFatal: () => undefined })).close()

describe.each(dialects)('$name', (dialect) => {
  /** A source of this dialect. */
  async function source(): Promise<string> {
    const file = filled()
    if (dialect.scheme === 'file:') return file
    const url = dialect.newUrl()
    await move(file, url)
    return url
  }

  test('a store that is served is not moved, and nothing is moved into one', async () => {
    const [served, into, from] = [await source(), dialect.newUrl(), filled()]
    await owned(served)
    const target = dialect.newUrl()
    await expect(move(served, target)).rejects.toThrow(/is being served by another tollgate.*process/)
    expect(await storeAt(target).exists()).toBe(false)
    await owned(into)
    await expect(move(from, into)).rejects.toThrow(/is being served by another tollgate.*process/)
    await canOpen(from)
  })

  test.each([
    [
      'its ledger is wrong',
      "UPDATE accounts SET balance = balance + 1 WHERE id = 'acc_1'",
      /breaks 1 promises/,
    ],
    [
      'a row names one that is not there',
      "UPDATE keys SET account_id = 'nobody'",
      /is damaged, and nothing was moved/,
    ],
  ])('a source is not moved if %s', async (_, damage, words) => {
    const [from, to] = [await source(), dialect.newUrl()]
    await openTestStore(from).spoil(damage, 'references')
    await expect(move(from, to)).rejects.toThrow(words)
    expect(await storeAt(to).exists()).toBe(false)
  })

  test('a source whose guard is gone is not moved', async () => {
    const [from, to] = [await source(), dialect.newUrl()]
    const table = dialect.scheme === 'file:' ? '' : ' ON entries'
    await openTestStore(from).write(`DROP TRIGGER entries_are_never_changed${table}`)
    await expect(move(from, to)).rejects.toThrow('entries_are_never_changed is missing')
  })

  test('a target that holds a row is refused by the name of its table, and keeps it', async () => {
    const [from, to] = [filled(), dialect.newUrl()]
    await dialect.placeFresh(to)
    const clock = 'INSERT INTO clock (id, wall_ms, monotonic_ms, boot, stepped_at, stepped_by_ms)'
    await openTestStore(to).write(`${clock} VALUES (1, 2, 3, 'boot', 4, 5)`)
    await expect(move(from, to)).rejects.toThrow('is not empty: there are rows in clock')
    expect(await openTestStore(to).rows('SELECT id FROM clock')).toEqual([{ id: 1 }])
    await canOpen(to)
  })

  test('a target with the tables of another program is refused', async () => {
    const to = dialect.newUrl()
    if (dialect.scheme === 'file:') new Sqlite(storeAt(to).name).exec('CREATE TABLE theirs (a)').close()
    else {
      await storeAt(to).make()
      await openTestStore(to).write('DROP TABLE __drizzle_migrations')
    }
    await expect(move(filled(), to)).rejects.toThrow(
      /tables of another program|none of the tables of tollgate/,
    )
  })

  test('a target that another store is being moved into is refused', async () => {
    const [from, to] = [filled(), dialect.newUrl()]
    await expect(move(from, to, stopAt('copying'))).rejects.toThrow('stopped')
    const other = filled()
    await expect(move(other, to)).rejects.toThrow(`is being filled from ${storeAt(from).name}`)
    await expect(move(other, to, { restart: true })).rejects.toThrow('is being filled from')
    await move(from, to)
  })

  test('a source that was served since is found out, and the move begins anew with --restart', async () => {
    const [from, to] = [await source(), dialect.newUrl()]
    await expect(move(from, to, stopAt('copying', 'tasks'))).rejects.toThrow('stopped')
    await openTestStore(from).write("UPDATE accounts SET name = 'meanwhile' WHERE id = 'acc_2'")
    await expect(move(from, to)).rejects.toThrow(/differ in the row \["acc_2"\] of accounts.*--restart/)
    await canOpen(from)
    const before = await everythingIn(from)
    expect(await move(from, to, { restart: true })).toMatchObject({ resumed: false })
    expect(await everythingIn(to)).toEqual(before)
  })

  test('a row more in the target is found out', async () => {
    const [from, to] = [await source(), dialect.newUrl()]
    await expect(move(from, to, stopAt('copied'))).rejects.toThrow('stopped')
    await openTestStore(to).write("INSERT INTO strays (name, store, seen_at) VALUES ('zz', 'disk', 1)")
    await expect(move(from, to)).rejects.toThrow('differ in the row ["zz"] of strays')
  })

  test('a target whose guard is gone is not handed over', async () => {
    const [from, to] = [await source(), dialect.newUrl()]
    await expect(move(from, to, stopAt('copied'))).rejects.toThrow('stopped')
    const table = dialect.scheme === 'file:' ? '' : ' ON entries'
    await openTestStore(to).write(`DROP TRIGGER entries_are_never_changed${table}`)
    await expect(move(from, to)).rejects.toThrow(/is not whole, and nothing was handed over.*is missing/)
    await canOpen(from)
  })

  test('no other process writes to the source while it is moved', async () => {
    const [from, to] = [await source(), dialect.newUrl()]
    const tried: string[] = []
    const tryToWrite = await otherProcess(from)
    const onStep = async ({ phase }: Step) => {
      if (phase === 'copied' || phase === 'audited') tried.push(await tryToWrite())
    }
    await move(from, to, { onStep })
    expect(tried).toEqual(['held', 'held'])
  })

  test('a moved store goes nowhere else, and nothing is moved into it', async () => {
    const [from, to] = [await source(), dialect.newUrl()]
    await move(from, to)
    await expect(move(from, someUrl())).rejects.toThrow('was moved to')
    await expect(move(filled(), from)).rejects.toThrow('was moved to')
    await expect(move(to, to)).rejects.toThrow('cannot be moved into itself')
  })
})

/** What another process meets; it is connected before. */
async function otherProcess(url: string): Promise<() => Promise<'held' | 'written'>> {
  if (url.startsWith('file:')) return async () => writeToFile(url)
  const { lockSpace, writerLock } = await import('../../../src/db/postgres/link/locks.ts')
  const lock = `SELECT pg_try_advisory_xact_lock(${lockSpace}, ${writerLock}) AS taken`
  const store = openTestStore(url)
  await store.rows('SELECT 1')
  return async () => {
    const [row] = await store.rows<{ taken: number }>(lock)
    return row?.taken ? 'written' : 'held'
  }
}

function writeToFile(url: string): 'held' | 'written' {
  const client = new Sqlite(storeAt(url).name, { timeout: 0 })
  try {
    client.exec('BEGIN IMMEDIATE')
    return 'written'
  } catch {
    return 'held'
  } finally {
    client.close()
  }
}

test('a store that is not there is not moved, nor is one of an older version', async () => {
  const missing = `file:${newFolder()}/none.db`
  await expect(move(missing, someUrl())).rejects.toThrow('There is no store at')
  const older = `file:${firstStore(newFolder(), { accounts: 1, requestsEach: 1 })}`
  await expect(move(older, someUrl())).rejects.toThrow('is of an older tollgate than this one')
})

describe.skipIf(!hasPostgres)('what PostgreSQL cannot hold', () => {
  const zero = (url: string, sql: string): void => {
    const client = new Sqlite(storeAt(url).name)
    client.exec(sql)
    client.close()
  }

  test('the character 0 in a text becomes the mark of an unreadable one, and is counted', async () => {
    const [from, to] = [filled(), postgres.newUrl()]
    zero(from, "UPDATE tasks SET error_detail = 'a' || char(0) || 'b' WHERE id = 'task_acc_0_5_0'")
    expect(await move(from, to)).toMatchObject({ replaced: 1 })
    const detail = "SELECT error_detail FROM tasks WHERE id = 'task_acc_0_5_0'"
    expect(await openTestStore(to).rows(detail)).toEqual([{ error_detail: 'a\uFFFDb' }])
  })

  test('in a key it is refused, because two keys could become one', async () => {
    const from = filled()
    zero(from, "UPDATE idempotency SET key = 'a' || char(0) WHERE request_id = 'req_acc_0_0'")
    await expect(move(from, postgres.newUrl())).rejects.toThrow(/idempotency whose key has the character 0/)
    await canOpen(from)
  })

  test('bytes that are no text are refused', async () => {
    const from = filled()
    zero(from, "UPDATE tasks SET error_detail = CAST(x'61ff62' AS text) WHERE id = 'task_acc_0_5_0'")
    await expect(move(from, postgres.newUrl())).rejects.toThrow(
      'tasks holds in error_detail bytes that are no UTF-8',
    )
    await canOpen(from)
  })
})
