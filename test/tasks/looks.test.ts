// Looks at running tasks: the last falls on the limit, is repeated soon, and one that was cut off decides nothing.
import { expect, test } from 'vitest'
import type { Caller } from '../../src/accounts/callers.ts'
import type { Created } from '../../src/tasks/create/created.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import { pollsOf } from '../../src/tasks/poll/rows.ts'
import type { PolledTask } from '../../src/tasks/poll/rows.ts'
import { shortLimitsYaml } from '../support/gateway.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const never = new AbortController().signal
const pollEveryMs = 20_000
const giveUpAfterMs = 30_000
/** However seldom looks are made, one past the limit that decided nothing is repeated this soon. */
const soonMs = 10_000
/** All looks past the limit together. */
const halfMinuteMs = 30_000
const stepMs = 250

async function openShop(): Promise<DomainHarness> {
  const image = `image: { poll_every: ${pollEveryMs}ms, give_up_after: ${giveUpAfterMs}ms }`
  return await openDomainHarness({ yaml: shortLimitsYaml.replace(/^ *image: .*$/m, `    ${image}`) })
}

async function running(domain: DomainHarness, customer?: Caller): Promise<Created> {
  const created = await domain.order(customer ?? (await domain.account(1_000)))
  for (const submission of await claimSubmissions(domain.ctx, domain.keevx, 1)) {
    await submit(domain.ctx, submission, never)
  }
  return created
}

async function onlyTask(domain: DomainHarness, created: Created): Promise<PolledTask> {
  const [task] = await domain.tasks(created)
  if (!task) return expect.fail('there is no task')
  const poll = (await pollsOf(domain.ctx.db.read, [task.id])).get(task.id)
  return { ...task, ...(poll ?? expect.fail('it is not polled')) }
}

async function lookNow(domain: DomainHarness, signal = never): Promise<void> {
  const [task] = await claimPolls(domain.ctx, 1)
  await pollTask(domain.ctx, task ?? expect.fail('no look is due'), signal)
}

test('the look before the limit is followed by one at the limit, be the pause however long', async () => {
  const domain = await openShop()
  const created = await running(domain)
  const { giveUpAt, dueAt } = await onlyTask(domain, created)
  domain.clock.advance(dueAt - domain.clock.now())
  await lookNow(domain)
  expect((await onlyTask(domain, created)).dueAt).toBe(giveUpAt)
})

test('a last look that decided nothing is repeated soon', async () => {
  const domain = await openShop()
  const created = await running(domain)
  domain.clock.advance(giveUpAfterMs)
  domain.seen = () => ({ kind: 'unclear', detail: 'an outage' })
  await lookNow(domain)
  const { state, dueAt } = await onlyTask(domain, created)
  expect(state).toBe('running')
  expect(dueAt - domain.clock.now()).toBeLessThanOrEqual(soonMs)
})

test('looks that a stop cut off decide nothing, at the limit either', async () => {
  const domain = await openShop()
  const created = await running(domain)
  domain.clock.advance(giveUpAfterMs)
  for (let stop = 0; stop < 5; stop += 1) {
    const stopping = new AbortController()
    domain.seen = () => {
      stopping.abort()
      return { kind: 'unclear', detail: 'given up by us' }
    }
    await lookNow(domain, stopping.signal)
  }
  expect(await onlyTask(domain, created)).toMatchObject({ state: 'running', lastLooks: 0 })
})

test('a hanging last look ends the task with its refund within half a minute of its limit, however long the upstream keeps silent', async () => {
  const domain = await openShop()
  const customer = await domain.account(1_000)
  const created = await running(domain, customer)
  const silence = { isOver: false }
  domain.keevx.adapter.fetch = async (_asked, { signal }) =>
    await new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        silence.isOver = true
        resolve({ kind: 'unclear', detail: 'given up by us' })
      })
    })
  domain.clock.advance(giveUpAfterMs)
  let look = Promise.resolve()
  let isLooking = false
  for (let passedMs = 0; passedMs < halfMinuteMs; passedMs += stepMs) {
    const due: PolledTask | undefined = isLooking ? undefined : (await claimPolls(domain.ctx, 1))[0]
    if (due) look = pollTask(domain.ctx, due, never)
    isLooking ||= due !== undefined
    domain.clock.advance(stepMs)
    await new Promise((resolve) => setImmediate(resolve))
    if (!silence.isOver) continue
    // What a look that was given up means is written down before the clock is turned again.
    await look
    Object.assign(silence, { isOver: false })
    isLooking = false
  }
  expect(await domain.tasks(created)).toMatchObject([{ state: 'failed', creditsRefunded: 15 }])
  expect(await domain.balance(customer)).toBe(1_000)
})
