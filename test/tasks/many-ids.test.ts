// An answer with more ids than anybody ordered is written down: what was ordered runs, the rest is known, none is lost.
import { expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import type { Tx } from '../../src/db/database.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { openWorkshop } from '../support/workshop.ts'

const never = new AbortController().signal
const ids = (many: number) => Array.from({ length: many }, (_, at) => `i2is-${at}`)

async function claimed() {
  const shop = await openWorkshop()
  const created = await shop.order(await shop.account(1_000), 2)
  const [submission] = await claimSubmissions(shop.ctx, shop.keevx, 1)
  return { shop, created, submission: submission ?? expect.fail() }
}

test('more ids than a statement takes values are recorded, each once', async () => {
  const { shop, created, submission } = await claimed()
  shop.submitted = () => ({ kind: 'accepted', taskIds: ids(500), idsOmitted: 19_500 })
  await submit(shop.ctx, submission, never)
  expect(await shop.tasks(created)).toMatchObject([
    { state: 'running', upstreamTaskId: 'i2is-0' },
    { state: 'running', upstreamTaskId: 'i2is-1' },
  ])
  const { read } = shop.ctx.db
  expect(await read.select().from(read.tables.orphans)).toHaveLength(498)
  const counted = await shop.ctx.metrics.registry
    .getSingleMetric('tollgate_upstream_ids_omitted_total')
    ?.get()
  expect(counted?.values).toMatchObject([{ value: 19_500 }])
})

test('a task whose id may have stood in what did not arrive waits, and is given back at its limit', async () => {
  const { shop, created, submission } = await claimed()
  shop.submitted = () => ({ kind: 'accepted', taskIds: ids(1), isCut: true })
  await submit(shop.ctx, submission, never)
  expect(await shop.tasks(created)).toMatchObject([
    { state: 'running', upstreamTaskId: 'i2is-0' },
    { state: 'unknown', creditsRefunded: 0 },
  ])
  const { giveUpAfterMs } = shop.keevx.settings.image
  const [request] = await shop.ctx.db.read.select().from(shop.ctx.db.read.tables.requests)
  expect(request).toMatchObject({ state: 'accepted', dueAt: shop.ctx.clock.now() + giveUpAfterMs })
})

/** As a store that cannot take so many. */
const insertInto =
  (tx: Tx): Tx['insert'] =>
  (table) => {
    if ((table as unknown) === tx.tables.orphans) throw new Error('too many SQL variables')
    return tx.insert(table)
  }

test('where the whole answer cannot be written, what was ordered is', async () => {
  const { shop, created, submission } = await claimed()
  const { db } = shop.ctx
  const transaction: Context['db']['transaction'] = async (work) =>
    await db.transaction(async (tx) => {
      const refusing = new Proxy(tx, {
        get: (target, name, receiver) =>
          name === 'insert' ? insertInto(target) : (Reflect.get(target, name, receiver) as unknown),
      })
      return await work(refusing)
    })
  const { clock: own } = shop.ctx
  const clock = {
    ...own,
    now: () => own.now(),
    monotonic: () => own.monotonic(),
    sleep: async () => undefined,
  }
  shop.submitted = () => ({ kind: 'accepted', taskIds: ids(60) })
  await submit({ ...shop.ctx, clock, db: { ...db, transaction } }, submission, never)
  expect(await shop.tasks(created)).toMatchObject([{ state: 'running' }, { state: 'running' }])
})
