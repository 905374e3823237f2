// The narrow row of a running task: it comes and goes with it, and nothing else of the task is rewritten by a poll.
import { expect, test } from 'vitest'
import { giveUpUnreachable } from '../../src/tasks/unreachable/give-up.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import { cancelQueued, failTask } from '../../src/tasks/settle.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const never = new AbortController().signal

async function accepted(count = 1) {
  const domain = await openDomainHarness()
  const created = await domain.order(await domain.account(1_000), count)
  domain.submitted = () => ({
    kind: 'accepted',
    taskIds: Array.from({ length: count }, (_, at) => `i2is-${at}`),
  })
  for (const submission of await claimSubmissions(domain.ctx, domain.keevx, 1)) {
    await submit(domain.ctx, submission, never)
  }
  return { domain, created, ids: created.taskIds }
}

const polled = async ({ store }: DomainHarness): Promise<string[]> =>
  (await store.rows<{ task_id: string }>('SELECT task_id FROM polls ORDER BY task_id')).map(
    (row) => row.task_id,
  )

async function pollNow(domain: DomainHarness): Promise<void> {
  domain.clock.advance(1.2 * domain.keevx.settings.image.pollEveryMs)
  for (const task of await claimPolls(domain.ctx, 10)) await pollTask(domain.ctx, task, never)
}

test('each task has its row while it runs, and none before or after', async () => {
  const { domain, ids } = await accepted(3)
  expect(await polled(domain)).toEqual([...ids].toSorted())
  domain.seen = (id) =>
    id === 'i2is-0' ? { kind: 'failed', reason: 'No.', detail: 'd' } : { kind: 'running' }
  await pollNow(domain)
  expect(await polled(domain)).toEqual(ids.slice(1).toSorted())
})

test('a poll that decides nothing leaves the row of its task alone, and its count is known when the task has ended', async () => {
  const { domain, ids } = await accepted()
  const rows = async () => await domain.store.rows<{ polls_made: number }>('SELECT * FROM tasks')
  const before = await rows()
  domain.seen = () => ({ kind: 'running' })
  for (let times = 0; times < 3; times += 1) await pollNow(domain)
  expect(await rows()).toEqual(before)
  expect(await domain.store.rows('SELECT polls_made FROM polls')).toEqual([{ polls_made: 3 }])
  domain.seen = () => ({ kind: 'failed', reason: 'No.', detail: 'd' })
  await pollNow(domain)
  expect(await rows()).toMatchObject([{ id: ids[0], state: 'failed', polls_made: 3 }])
})

test('whoever ends a task takes its row along, and what waits in the queue has none', async () => {
  const { domain, created } = await accepted()
  const [task] = await domain.tasks(created)
  if (!task) throw new Error('there is no task')
  const failure = { reason: 'No.', detail: 'd' }
  await domain.ctx.db.transaction(async (tx) => {
    await failTask({ tx, nowMs: 1 }, { id: task.id, credits: task.credits }, failure)
  })
  const other = await domain.order(await domain.account(1_000))
  await domain.ctx.db.transaction(async (tx) => {
    await cancelQueued({ tx, nowMs: 1 }, { id: other.taskIds[0] ?? '', credits: 15 })
  })
  expect(await polled(domain)).toEqual([])
})

test('a due time that a gateway of the version before writes is that of a poll', async () => {
  const { domain, ids } = await accepted()
  await domain.store.write('UPDATE tasks SET due_at = 7')
  expect(await domain.store.rows('SELECT task_id, due_at FROM polls')).toEqual([
    { task_id: ids[0], due_at: 7 },
  ])
  await domain.store.write('DELETE FROM polls')
  await domain.store.write('UPDATE tasks SET due_at = 8, polls_made = 2')
  expect(await domain.store.rows('SELECT due_at, polls_made FROM polls')).toEqual([
    { due_at: 8, polls_made: 2 },
  ])
  expect(await domain.store.rows('SELECT due_at FROM tasks')).toEqual([{ due_at: null }])
})

test('tasks of an upstream that is gone are due at once, for the last time', async () => {
  const { domain } = await accepted()
  await domain.store.write("UPDATE tasks SET upstream = 'gone'")
  const found = await giveUpUnreachable(domain.ctx)
  expect(found).toMatchObject([{ why: 'upstream', upstream: 'gone', tasks: 1 }])
  const nowMs = domain.clock.now()
  expect(await domain.store.rows('SELECT due_at, last_looks FROM polls')).toEqual([
    { due_at: nowMs, last_looks: 3 },
  ])
  expect(await domain.store.rows('SELECT give_up_at FROM tasks')).toEqual([{ give_up_at: nowMs }])
})

test('a limit that was shortened since is brought forward by the poll that holds the claim, and by no late one', async () => {
  const { domain } = await accepted()
  const far = 9_000_000_000_000
  await domain.store.write(`UPDATE tasks SET give_up_at = ${far}`)
  domain.seen = () => ({ kind: 'running' })
  domain.clock.advance(1.2 * domain.keevx.settings.image.pollEveryMs)
  const [late] = await claimPolls(domain.ctx, 1)
  domain.clock.advance(61_000)
  const [taken] = await claimPolls(domain.ctx, 1)
  if (!late || !taken) throw new Error('nothing was due')
  await pollTask(domain.ctx, late, never)
  expect(await domain.store.rows('SELECT give_up_at FROM tasks')).toEqual([{ give_up_at: far }])
  await pollTask(domain.ctx, taken, never)
  const limit = domain.clock.now() + domain.keevx.settings.image.giveUpAfterMs
  expect(await domain.store.rows('SELECT give_up_at FROM tasks')).toEqual([{ give_up_at: limit }])
})
