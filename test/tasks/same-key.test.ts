// Orders with the same Idempotency-Key that come at the same time, where reading the store takes a while.
import { expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'

const body = { model_id: 'gpt-image-2', prompt: 'a heron' }

/** The first question to the store is answered last. */
function slowAtFirst(ctx: Context, first: Promise<unknown>): Context {
  let asked = 0
  const read: Context['db']['read'] = {
    ...ctx.db.read,
    tables: ctx.db.read.tables,
    compile(query) {
      const run = ctx.db.read.compile(query)
      return async (values) => {
        asked += 1
        if (asked === 1) await first
        return await run(values)
      }
    },
  } as Context['db']['read']
  Object.setPrototypeOf(read, ctx.db.read)
  return { ...ctx, db: { ...ctx.db, read } }
}

test('one is not told that nothing was charged while one that came before it is still being let in', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100)
  const answered = Promise.withResolvers<void>()
  const ctx = slowAtFirst(domain.ctx, answered.promise)
  const first = create(ctx, caller, body, 'k')
  const suspended = create(ctx, { ...caller, status: 'suspended' }, body, 'k')
  const told = suspended.catch((error: unknown) => error)
  setTimeout(() => answered.resolve(), 50)
  const { created } = await first
  expect(await told).toMatchObject({ created: { requestId: created.requestId }, replayed: true })
  expect(await domain.balance(caller)).toBe(85)
})

test('one that is refused waits for none that came after it', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100)
  const refused = create(domain.ctx, { ...caller, status: 'suspended' }, body, 'k')
  const later = create(domain.ctx, { ...caller, status: 'suspended' }, body, 'k')
  for (const each of [refused, later]) await expect(each).rejects.toMatchObject({ type: 'account_suspended' })
  expect((await create(domain.ctx, caller, body, 'k')).replayed).toBe(false)
})
