// Who follows many tasks at once: what it costs while nothing changes, and what is found whoever changed it.
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Connection } from '../../src/db/database.ts'
import { cancelTask } from '../../src/tasks/queue/cancel.ts'
import { createLive } from '../../src/tasks/live/live.ts'
import type { LiveTask } from '../../src/tasks/live/live.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'
import { until } from '../support/gateway.ts'

const order = { model_id: 'gpt-image-2', prompt: 'a garden' }
const secondMs = 1_000

/** What is followed, and how many statements of tasks it has run. */
function followed({ ctx }: DomainHarness, instanceId: string | null) {
  let statements = 0
  const read: Connection = Object.create(ctx.db.read, {
    compile: {
      value: (...args: Parameters<Connection['compile']>) => {
        const run = ctx.db.read.compile(...args)
        return (values: Readonly<Record<string, unknown>>) => {
          statements += 1
          return run(values)
        }
      },
    },
  }) as Connection
  const db = Object.create(ctx.db, { read: { value: read } }) as DomainHarness['ctx']['db']
  const instances = { ...ctx.instances, id: instanceId }
  const live = createLive({ ...ctx, db, instances })
  const told: (readonly LiveTask[])[] = []
  return {
    live,
    told,
    statements: () => statements,
    tell: (changed: readonly LiveTask[]) => void told.push(changed),
  }
}

async function pass({ clock }: DomainHarness, seconds: number): Promise<void> {
  for (let at = 0; at < seconds * 4; at += 1) {
    clock.advance(secondMs / 4)
    for (let turn = 0; turn < 5; turn += 1) await setImmediate()
  }
}

const statusesOf = (told: readonly (readonly LiveTask[])[]) => told.flat().map(({ status }) => status)

test('alone on its store, one small read serves all who follow while nothing changes', async () => {
  const domain = await openDomainHarness()
  const [ann, bob] = [await domain.account(100), await domain.account(100)]
  await create(domain.ctx, ann, order)
  const { live, told, statements, tell } = followed(domain, null)
  for (const { accountId } of [ann, ann, bob]) await live.join(accountId, null, { tell })
  await pass(domain, 2)
  const before = statements()
  await pass(domain, 4)
  // Of each second at most four are reads of the counts.
  expect(statements() - before).toBeLessThanOrEqual(16)
  // A read of a server may take longer than the clock that is turned.
  const more = async () => await pass(domain, 1).then(() => statements() - before)
  await until(more, (read) => read > 0)
  expect(told).toEqual([])
  live.stop()
})

test.each([null, 'ins_one'])(
  'a task that another process makes and ends is told, by instance %s',
  async (id) => {
    const domain = await openDomainHarness()
    const [ann, bob] = [await domain.account(100), await domain.account(100)]
    const { live, told, tell } = followed(domain, id)
    const joined = await live.join(ann.accountId, null, { tell })
    expect(joined.missed).toBeNull()
    await create(domain.ctx, bob, order)
    const { taskIds } = (await create(domain.ctx, ann, order)).created
    await pass(domain, 1)
    await until(
      () => statusesOf(told),
      (statuses) => statuses.length === 1,
    )
    // By a command beside the gateway, which tells nobody.
    const silent = { ...domain.ctx, changes: { tell: () => undefined, listen: () => undefined } }
    await cancelTask(silent, ann.accountId, taskIds[0] ?? '')
    // Older than what is looked at as new.
    domain.clock.advance(60 * secondMs)
    await pass(domain, 2)
    await until(
      () => statusesOf(told),
      (statuses) => statuses.length === 2,
    )
    expect(told.flat().map(({ id: told_, status }) => [told_, status])).toEqual([
      [taskIds[0], 1],
      [taskIds[0], 4],
    ])
    joined.leave()
    live.stop()
  },
)

test('who comes back is told of what is open, was made or has ended since, and of nothing older', async () => {
  const domain = await openDomainHarness()
  const ann = await domain.account(100)
  const made = async () => (await create(domain.ctx, ann, order)).created.taskIds[0] ?? ''
  const [ended, open, endedSince] = [await made(), await made(), await made()]
  await cancelTask(domain.ctx, ann.accountId, ended)
  domain.clock.advance(60 * secondMs)
  const sinceMs = domain.clock.now()
  domain.clock.advance(60 * secondMs)
  await cancelTask(domain.ctx, ann.accountId, endedSince)
  const { live, tell } = followed(domain, null)
  const { missed, leave } = await live.join(ann.accountId, sinceMs, { tell })
  expect(missed?.map(({ id, status }) => [id, status])).toEqual([
    [open, 1],
    [endedSince, 4],
  ])
  leave()
  domain.clock.advance(60 * 60 * secondMs)
  expect((await live.join(ann.accountId, sinceMs, { tell })).missed).toBeNull()
  live.stop()
})
