// Which statements of calls that come together are sent as one, and with which text.
import { setTimeout as pause } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { connect } from '../../../src/db/postgres/connect.ts'
import type { Tx } from '../../../src/db/database.ts'
import { statement } from '../../../src/db/statement.ts'

const put = (options?: { readonly row: string }) =>
  statement<{ dueAt: number }>(
    'test_put',
    (tx) => {
      const { webhookQueues } = tx.tables
      const [accountId, dueAt] = [sql.placeholder('accountId'), sql.placeholder('dueAt')]
      return tx
        .insert(webhookQueues)
        .values({ accountId, dueAt, turn: 7 })
        .onConflictDoNothing({ target: webhookQueues.accountId })
        .returning({ dueAt: webhookQueues.dueAt })
    },
    options,
  )

/** The texts that the server is sent for three calls, of which two are for one row. */
async function sentFor(run: ReturnType<typeof put>): Promise<string[]> {
  const texts: string[] = []
  const runner = {
    run: async ({ text }: { readonly text: string }) => {
      texts.push(text)
      return { command: 'INSERT', rows: [] }
    },
  }
  const tx = connect(runner) as Tx
  const calls = ['acc_1', 'acc_2', 'acc_1'].map(async (accountId) => await run(tx, { accountId, dueAt: 1 }))
  await Promise.all(calls)
  return texts
}

test('an insert that leaves a row alone that is there is joined, but never for one row twice', async () => {
  const [together = '', alone = '', ...more] = await sentFor(put({ row: 'accountId' }))
  expect(together).toBe(
    'WITH items AS MATERIALIZED (SELECT * FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS items (item_1, item_2, item_number)), ' +
      'put AS (insert into "webhook_queues" ("account_id", "due_at", "turn") SELECT items.item_1, items.item_2, 7 FROM items ORDER BY items.item_number ' +
      'ON CONFLICT ("account_id") DO NOTHING RETURNING "due_at" AS put_1, "account_id" AS put_2) ' +
      'SELECT put.put_1, items.item_number FROM put JOIN items ON put.put_2 = items.item_1',
  )
  expect(alone).toMatch(/^insert into .* values \(\$1, \$2, \$3\) on conflict/)
  expect(more).toEqual([])
})

test('without the name of its row it is not joined', async () => {
  expect(await sentFor(put())).toHaveLength(3)
})

describe('reads', () => {
  const accountOf = statement<{ id: string }>('test_account', (read) => {
    const { accounts } = read.tables
    return read
      .select({ id: accounts.id })
      .from(accounts)
      .where(eq(accounts.id, sql.placeholder('id')))
  })

  /** A server that answers when it is let, and how many calls each of its statements is for. */
  function open() {
    const answers: (() => void)[] = []
    const sizes: number[] = []
    const run = async ({ values = [] }: { readonly values?: readonly unknown[] }) => {
      sizes.push(String(values[0]).split(',').length)
      await new Promise<void>((resolve) => answers.push(resolve))
      return { command: 'SELECT', rows: [] }
    }
    const read = connect({ run })
    const ask = (ids: readonly string[]) => ids.map(async (id) => await accountOf(read, { id }))
    return { answers, sizes, ask }
  }
  const turn = async () => await new Promise((resolve) => setImmediate(resolve))

  test('that come while one is under way wait for it, and are one statement', async () => {
    const { answers, sizes, ask } = open()
    const first = ask(['a', 'b'])
    await turn()
    const later = [...ask(['c']), ...ask(['d', 'e'])]
    expect(sizes).toEqual([2])
    answers.shift()?.()
    await Promise.all(first)
    await turn()
    expect(sizes).toEqual([2, 3])
    answers.shift()?.()
    await Promise.all(later)
  })

  test('do not wait for one that takes long', async () => {
    const { answers, sizes, ask } = open()
    const slow = ask(['a'])
    await turn()
    const next = ask(['b', 'c'])
    while (sizes.length < 2) await pause(1)
    answers.pop()?.()
    expect(await Promise.all(next)).toEqual([[], []])
    answers.pop()?.()
    await Promise.all(slow)
    expect(sizes).toEqual([1, 2])
  })
})
