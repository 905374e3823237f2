// Of those who claim at once each order and each look is one's, whatever they all saw before.
import { expect, test } from 'vitest'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const never = new AbortController().signal
const orders = 4
/** More than one account may ever hold: it leaves some to others. */
const slots = 16

async function ordered(): Promise<DomainHarness> {
  const domain = await openDomainHarness()
  const caller = await domain.account(1_000)
  for (let order = 0; order < orders; order += 1) await domain.order(caller)
  return domain
}

/** What three get who claim before any of them has been answered. */
const threeTimes = async <Claimed>(claim: () => Promise<Claimed[]>): Promise<Claimed[]> =>
  (await Promise.all([claim(), claim(), claim()])).flat()

test('an order is posted by one', async () => {
  const domain = await ordered()
  const claimed = await threeTimes(() => claimSubmissions(domain.ctx, domain.keevx, slots))
  expect(new Set(claimed.map(({ request }) => request.id)).size).toBe(orders)
  expect(claimed).toHaveLength(orders)
})

test('a task is looked at by one', async () => {
  const domain = await ordered()
  for (const submission of await claimSubmissions(domain.ctx, domain.keevx, slots)) {
    await submit(domain.ctx, submission, never)
  }
  domain.clock.advance(2 * domain.keevx.settings.image.pollEveryMs)
  const claimed = await threeTimes(() => claimPolls(domain.ctx, orders))
  expect(new Set(claimed.map(({ id }) => id)).size).toBe(orders)
  expect(claimed).toHaveLength(orders)
})

test('an order that has waited too long is posted or given back, and never both', async () => {
  const domain = await openDomainHarness()
  const created = await domain.order(await domain.account(1_000))
  domain.clock.advance(domain.keevx.settings.submit.queueForMs)
  const [claimed] = await Promise.all([claimSubmissions(domain.ctx, domain.keevx, 1), rescue(domain.ctx)])
  const [task] = await domain.tasks(created)
  expect(task).toMatchObject(
    claimed.length === 1 ? { state: 'submitting' } : { state: 'failed', creditsRefunded: 15 },
  )
})
