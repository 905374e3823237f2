// A filtered page is read in slices, between which other requests run.
import { expect, test } from 'vitest'
import { listAccounts } from '../../src/accounts/accounts.ts'
import { rowsOfSlice } from '../../src/db/page.ts'
import { openDomainHarness } from '../support/domain-harness.ts'

const count = 2_000
const nameOf = (at: number) => `acc_${String(at).padStart(27, '0')}`

async function manyAccounts() {
  const { ctx } = await openDomainHarness()
  await ctx.db.transaction(async (tx) => {
    for (let at = 0; at < count; at += 1) {
      const id = nameOf(at)
      await tx
        .insert(tx.tables.accounts)
        .values({ id, name: id, status: 'active', balance: 0, tasksOpen: 0, createdAt: 1 })
    }
  })
  return ctx.db.read
}

/** How many turns of the event loop pass meanwhile. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0
  let next: NodeJS.Immediate
  const turn = () => {
    turns += 1
    next = setImmediate(turn)
  }
  next = setImmediate(turn)
  await work()
  clearImmediate(next)
  return turns
}

test('a filter that finds nothing lets other requests run between its slices', async () => {
  const read = await manyAccounts()
  const turns = await turnsDuring(async () => {
    expect(await listAccounts(read, { query: 'none', before: null, limit: 20 })).toEqual({
      rows: [],
      next: null,
    })
  })
  // Between two slices passes a turn; nothing here is held up while a database elsewhere looks for one.
  const slices = Math.ceil(count / rowsOfSlice(read))
  expect(turns).toBeGreaterThanOrEqual(Math.max(1, slices - 1))
})

test('pages of rows from several slices hold each row once, in order', async () => {
  const read = await manyAccounts()
  const found: string[] = []
  let before: string | null = null
  do {
    const page = await listAccounts(read, { query: '00', before, limit: 300 })
    found.push(...page.rows.map(({ id }) => id))
    before = page.next
  } while (before !== null)
  expect(found).toEqual(Array.from({ length: count }, (_, at) => nameOf(count - 1 - at)))
})

test('a page ends with its last row, though its slice goes on', async () => {
  const read = await manyAccounts()
  const page = await listAccounts(read, { query: nameOf(1_700).slice(-4), before: null, limit: 1 })
  expect(page).toMatchObject({ rows: [{ id: nameOf(1_700) }], next: null })
  const pages = await listAccounts(read, { query: '00', before: nameOf(10), limit: 4 })
  expect(pages.rows.map(({ id }) => id)).toEqual([9, 8, 7, 6].map(nameOf))
  expect(pages.next).toBe(nameOf(6))
})
