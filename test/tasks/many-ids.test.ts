// An answer with more ids than anybody ordered is written down: what was ordered runs, the rest is known, none is lost.
import { expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import type { Tx } from '../../src/db/database.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { openDomainHarness } from '../support/domain-harness.ts'

const never = new AbortController().signal
const ids = (many: number) => Array.from({ length: many }, (_, at) => `i2is-${at}`)

async function claimed() {
  const domain = await openDomainHarness()
  const created = await domain.order(await domain.account(1_000), 2)
  const [submission] = await claimSubmissions(domain.ctx, domain.keevx, 1)
  return { domain, created, submission: submission ?? expect.fail() }
}

test('more ids than a statement takes values are recorded, each once', async () => {
  const { domain, created, submission } = await claimed()
  domain.submitted = () => ({ kind: 'accepted', taskIds: ids(500), idsOmitted: 19_500 })
  await submit(domain.ctx, submission, never)
  expect(await domain.tasks(created)).toMatchObject([
    { state: 'running', upstreamTaskId: 'i2is-0' },
    { state: 'running', upstreamTaskId: 'i2is-1' },
  ])
  const { read } = domain.ctx.db
  expect(await read.select().from(read.tables.orphans)).toHaveLength(498)
  const counted = await domain.ctx.metrics.registry
    .getSingleMetric('tollgate_upstream_ids_omitted_total')
    ?.get()
  expect(counted?.values).toMatchObject([{ value: 19_500 }])
})

test('a task whose id may have stood in what did not arrive waits, and is given back at its limit', async () => {
  const { domain, created, submission } = await claimed()
  domain.submitted = () => ({ kind: 'accepted', taskIds: ids(1), isCut: true })
  await submit(domain.ctx, submission, never)
  expect(await domain.tasks(created)).toMatchObject([
    { state: 'running', upstreamTaskId: 'i2is-0' },
    { state: 'unknown', creditsRefunded: 0 },
  ])
  const { giveUpAfterMs } = domain.keevx.settings.image
  const [request] = await domain.ctx.db.read.select().from(domain.ctx.db.read.tables.requests)
  expect(request).toMatchObject({ state: 'accepted', dueAt: domain.ctx.clock.now() + giveUpAfterMs })
})

/** As a store that cannot take so many. */
const insertInto =
  (tx: Tx): Tx['insert'] =>
  (table) => {
    if ((table as unknown) === tx.tables.orphans) throw new Error('too many SQL variables')
    return tx.insert(table)
  }

test('where the whole answer cannot be written, what was ordered is', async () => {
  const { domain, created, submission } = await claimed()
  const { db } = domain.ctx
  const transaction: Context['db']['transaction'] = async (work) =>
    await db.transaction(async (tx) => {
      const refusing = new Proxy(tx, {
        get: (target, name, receiver) =>
          name === 'insert' ? insertInto(target) : (Reflect.get(target, name, receiver) as unknown),
      })
      return await work(refusing)
    })
  const { clock: own } = domain.ctx
  const clock = {
    ...own,
    now: () => own.now(),
    monotonic: () => own.monotonic(),
    sleep: async () => undefined,
  }
  domain.submitted = () => ({ kind: 'accepted', taskIds: ids(60) })
  await submit({ ...domain.ctx, clock, db: { ...db, transaction } }, submission, never)
  expect(await domain.tasks(created)).toMatchObject([{ state: 'running' }, { state: 'running' }])
})
