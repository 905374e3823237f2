// A hand that runs ANALYZE, or a tool that runs PRAGMA optimize, changes no plan of a gateway that starts after it.
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { Connection } from '../../src/db/database.ts'
import { sql } from '../../src/db/drizzle.ts'
import { seed } from '../bench/growth/seed.ts'
import { openTestStore } from '../support/test-store.ts'
import { openFile } from './outside.ts'

/** What the loops ask first of all when they begin: by its statistics an empty table is larger than all requests. */
const queries = {
  callbacks: `SELECT r.id FROM early_callbacks c JOIN attempts a ON a.id = c.attempt_id JOIN requests r ON r.id = a.request_id
    WHERE (c.attempt_id, c.upstream_task_id) > ('', '') ORDER BY c.attempt_id, c.upstream_task_id LIMIT 9`,
  results:
    'SELECT t.id FROM keeps k JOIN tasks t ON t.id = k.task_id WHERE k.due_at > 0 ORDER BY k.due_at LIMIT 9',
  keys: 'SELECT a.id FROM keys k JOIN accounts a ON a.id = k.account_id WHERE k.hash = 9 AND k.revoked_at IS NULL LIMIT 1',
}

/** As a tool leaves a store that has ten tasks, and in whose queues nothing waits. */
async function analyse(file: string): Promise<void> {
  await seed(openTestStore(`file:${file}`), {
    tasks: 10,
    queued: 0,
    running: 0,
    accounts: 2,
    oldDeliveries: 0,
    nowMs: 1e9,
    spanMs: 1e6,
  })
  const client = new Sqlite(file)
  client.exec('ANALYZE')
  client.close()
}

async function plansOf(read: Connection): Promise<string[]> {
  const plans: string[] = []
  for (const query of Object.values(queries)) {
    const steps = await read.rows<{ detail: string }>(sql.raw(`EXPLAIN QUERY PLAN ${query}`))
    plans.push(steps.map(({ detail }) => detail).join(', '))
  }
  return plans
}

test('after statistics of a small store, every store is read as one without any', async () => {
  const first = await openFile()
  const fresh = await plansOf(first.db.read)
  await analyse(first.file)
  // Seen by whoever opens it now, or this would show nothing.
  const misled = new Sqlite(first.file)
  const [step] = misled.prepare(`EXPLAIN QUERY PLAN ${queries.callbacks}`).all()
  misled.close()
  expect(step).toMatchObject({ detail: expect.stringContaining('SCAN') })
  await first.db.close()
  const second = await openFile(first.file)
  expect(await plansOf(second.db.read)).toEqual(fresh)
  expect(await second.db.transaction((tx) => plansOf(tx))).toEqual(fresh)
  expect(fresh.join()).not.toContain('SCAN')
})
