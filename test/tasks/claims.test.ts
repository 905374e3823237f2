// Of those who claim at once each order and each look is one's, whatever they all saw before.
import { expect, test } from 'vitest'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimPolls } from '../../src/tasks/poll/poll.ts'
import { openWorkshop } from '../support/workshop.ts'
import type { Workshop } from '../support/workshop.ts'

const never = new AbortController().signal
const orders = 4
/** More than one account may ever hold: it leaves some to others. */
const slots = 16

async function ordered(): Promise<Workshop> {
  const shop = await openWorkshop()
  const caller = await shop.account(1_000)
  for (let order = 0; order < orders; order += 1) await shop.order(caller)
  return shop
}

/** What three get who claim before any of them has been answered. */
const threeTimes = async <Claimed>(claim: () => Promise<Claimed[]>): Promise<Claimed[]> =>
  (await Promise.all([claim(), claim(), claim()])).flat()

test('an order is posted by one', async () => {
  const shop = await ordered()
  const claimed = await threeTimes(() => claimSubmissions(shop.ctx, shop.keevx, slots))
  expect(new Set(claimed.map(({ request }) => request.id)).size).toBe(orders)
  expect(claimed).toHaveLength(orders)
})

test('a task is looked at by one', async () => {
  const shop = await ordered()
  for (const submission of await claimSubmissions(shop.ctx, shop.keevx, slots)) {
    await submit(shop.ctx, submission, never)
  }
  shop.clock.advance(2 * shop.keevx.settings.image.pollEveryMs)
  const claimed = await threeTimes(() => claimPolls(shop.ctx, orders))
  expect(new Set(claimed.map(({ id }) => id)).size).toBe(orders)
  expect(claimed).toHaveLength(orders)
})

test('an order that has waited too long is posted or given back, and never both', async () => {
  const shop = await openWorkshop()
  const created = await shop.order(await shop.account(1_000))
  shop.clock.advance(shop.keevx.settings.submit.queueForMs)
  const [claimed] = await Promise.all([claimSubmissions(shop.ctx, shop.keevx, 1), rescue(shop.ctx)])
  const [task] = await shop.tasks(created)
  expect(task).toMatchObject(
    claimed.length === 1 ? { state: 'submitting' } : { state: 'failed', creditsRefunded: 15 },
  )
})
