// An upgrade that is killed in the middle harms nothing: the store is of one version or the other, whole.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { schemaAge } from '../../src/db/sqlite/migrate.ts'
import { newFolder } from '../support/folder.ts'
import { withFile } from '../support/stores/sqlite-file.ts'
import { columnsOf, copiesBeside, expectWhole, markedAsPending, open, rowsOf } from '../db/upgraded.ts'
import type { Columns } from '../db/upgraded.ts'
import { firstStore } from '../db/versions.ts'

/** Upgrades in a process of its own that is killed before the nth thing that it does to the store; 0 is never. */
async function upgradeAndDie(file: string, killAt: number, killAfterMs?: number): Promise<boolean> {
  const source = (path: string) => JSON.stringify(new URL(`../../src/db/${path}`, import.meta.url).href)
  const script = `
    import Sqlite from 'better-sqlite3'
    const { migrateSqlite } = await import(${source('sqlite/migrate.ts')})
    const client = new Sqlite(${JSON.stringify(file)})
    client.pragma('journal_mode = WAL')
    client.pragma('synchronous = FULL')
    let done = 0
    const dying = new Proxy(client, {
      get(target, name) {
        const value = target[name]
        if (typeof value !== 'function') return value
        return (...values) => {
          if (!String(values[0]).startsWith('SELECT')) done += 1
          if (done === ${killAt}) process.kill(process.pid, 'SIGKILL')
          return value.apply(target, values)
        }
      },
    })
    process.stdout.write('ready')
    migrateSqlite(dying, ${JSON.stringify(file)})`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  if (killAfterMs !== undefined) {
    await once(child.stdout, 'data')
    await new Promise((resolve) => setTimeout(resolve, killAfterMs))
    child.kill('SIGKILL')
  }
  const [, signal] = (await exited) as [number | null, string | null]
  return signal === 'SIGKILL'
}

/** There are hundreds of statements, and each kill takes two processes. */
const statementsApart = 9

describe('an upgrade that is killed', () => {
  /** The store as the killed process left it: of one version or the other, with every row. */
  function expectEither(file: string, columns: Columns, before: Record<string, unknown[]>): string {
    return withFile(file, (client) => {
      const age = schemaAge(client)
      expect(rowsOf(client, columns)).toEqual(age === 'older' ? before : markedAsPending(before))
      const made =
        client.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'idempotency'").get() !== undefined
      expect(['older', 'current']).toContain(age)
      expect(made).toBe(age === 'current')
      return age
    })
  }

  test('at any statement leaves one version or the other, and the next start completes it', async () => {
    const pristine = firstStore(newFolder(), { accounts: 3, requestsEach: 14 })
    const client = open(pristine)
    const columns = columnsOf(client)
    const before = rowsOf(client, columns)
    client.close()
    const ages: string[] = []
    let killed = true
    for (let at = 1; killed; at += statementsApart) {
      const file = join(newFolder(), 'store.db')
      copyFileSync(pristine, file)
      killed = await upgradeAndDie(file, at)
      ages.push(expectEither(file, columns, before))
      await expectWhole(file)
      expect(copiesBeside(file).filter((name) => name.includes('.unfinished'))).toEqual([])
      expect(at, 'it comes to its end').toBeLessThan(1_000)
    }
    // Most die before the commit, the last after it.
    expect(ages.length).toBeGreaterThan(10)
    expect(ages[0]).toBe('older')
    expect(ages.at(-1)).toBe('current')
    expect(ages).toEqual(ages.toSorted().toReversed())
  })

  test('at any time leaves copies that are whole, or none', async () => {
    const large = firstStore(newFolder(), { accounts: 20, requestsEach: 105 })
    for (let round = 0; round < 5; round += 1) {
      const file = join(newFolder(), 'store.db')
      copyFileSync(large, file)
      await upgradeAndDie(file, 0, round * 8)
      await expectWhole(file)
      const copies = copiesBeside(file)
      expect(copies.length).toBeGreaterThan(0)
      for (const name of copies) {
        const copy = open(join(dirname(file), name))
        expect(schemaAge(copy)).toBe('older')
        expect(copy.pragma('integrity_check', { simple: true })).toBe('ok')
        expect(copy.prepare('SELECT count(*) FROM tasks').pluck().get()).toBe(20 * 105 * 2)
      }
      rmSync(file)
    }
  })
})
