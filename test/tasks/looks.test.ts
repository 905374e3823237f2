// Looks at running tasks: the last falls on the limit, is repeated soon, and one that was cut off decides nothing.
import { expect, test } from 'vitest'
import type { Caller } from '../../src/accounts/keys.ts'
import type { Created } from '../../src/tasks/create/create.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { claimPolls, pollTask } from '../../src/tasks/poll/poll.ts'
import type { TaskRow } from '../../src/tasks/store.ts'
import { shortLimitsYaml } from '../support/gateway.ts'
import { openWorkshop } from '../support/workshop.ts'
import type { Workshop } from '../support/workshop.ts'

const never = new AbortController().signal
const pollEveryMs = 20_000
const giveUpAfterMs = 30_000
/** However seldom looks are made, one past the limit that decided nothing is repeated this soon. */
const soonMs = 10_000
/** All looks past the limit together. */
const halfMinuteMs = 30_000
const stepMs = 250

async function openShop(): Promise<Workshop> {
  const image = `image: { poll_every: ${pollEveryMs}ms, give_up_after: ${giveUpAfterMs}ms }`
  return await openWorkshop({ yaml: shortLimitsYaml.replace(/^ *image: .*$/m, `    ${image}`) })
}

async function running(shop: Workshop, customer?: Caller): Promise<Created> {
  const created = await shop.order(customer ?? (await shop.account(1_000)))
  for (const submission of await claimSubmissions(shop.ctx, shop.keevx, 1)) {
    await submit(shop.ctx, submission, never)
  }
  return created
}

async function onlyTask(shop: Workshop, created: Created): Promise<TaskRow> {
  const [task] = await shop.tasks(created)
  return task ?? expect.fail('there is no task')
}

async function lookNow(shop: Workshop, signal = never): Promise<void> {
  const [task] = await claimPolls(shop.ctx, 1)
  await pollTask(shop.ctx, task ?? expect.fail('no look is due'), signal)
}

test('the look before the limit is followed by one at the limit, be the pause however long', async () => {
  const shop = await openShop()
  const created = await running(shop)
  const { giveUpAt, dueAt } = await onlyTask(shop, created)
  shop.clock.advance((dueAt ?? 0) - shop.clock.now())
  await lookNow(shop)
  expect((await onlyTask(shop, created)).dueAt).toBe(giveUpAt)
})

test('a last look that decided nothing is repeated soon', async () => {
  const shop = await openShop()
  const created = await running(shop)
  shop.clock.advance(giveUpAfterMs)
  shop.seen = () => ({ kind: 'unclear', detail: 'an outage' })
  await lookNow(shop)
  const { state, dueAt } = await onlyTask(shop, created)
  expect(state).toBe('running')
  expect((dueAt ?? Infinity) - shop.clock.now()).toBeLessThanOrEqual(soonMs)
})

test('looks that a stop cut off decide nothing, at the limit either', async () => {
  const shop = await openShop()
  const created = await running(shop)
  shop.clock.advance(giveUpAfterMs)
  for (let stop = 0; stop < 5; stop += 1) {
    const stopping = new AbortController()
    shop.seen = () => {
      stopping.abort()
      return { kind: 'unclear', detail: 'given up by us' }
    }
    await lookNow(shop, stopping.signal)
  }
  expect(await onlyTask(shop, created)).toMatchObject({ state: 'running', lastLooks: 0 })
})

test('a hanging last look ends the task with its refund within half a minute of its limit, however long the upstream keeps silent', async () => {
  const shop = await openShop()
  const customer = await shop.account(1_000)
  const created = await running(shop, customer)
  const silence = { isOver: false }
  shop.keevx.adapter.fetch = async (_asked, { signal }) =>
    await new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        silence.isOver = true
        resolve({ kind: 'unclear', detail: 'given up by us' })
      })
    })
  shop.clock.advance(giveUpAfterMs)
  let look = Promise.resolve()
  let isLooking = false
  for (let passedMs = 0; passedMs < halfMinuteMs; passedMs += stepMs) {
    const due: TaskRow | undefined = isLooking ? undefined : (await claimPolls(shop.ctx, 1))[0]
    if (due) look = pollTask(shop.ctx, due, never)
    isLooking ||= due !== undefined
    shop.clock.advance(stepMs)
    await new Promise((resolve) => setImmediate(resolve))
    if (!silence.isOver) continue
    // What a look that was given up means is written down before the clock is turned again.
    await look
    Object.assign(silence, { isOver: false })
    isLooking = false
  }
  expect(await onlyTask(shop, created)).toMatchObject({ state: 'failed', creditsRefunded: 15 })
  expect(await shop.balance(customer)).toBe(1_000)
})
