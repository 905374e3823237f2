// Orders of several accounts that a firewall turns away for their words stop nobody else, and come to an end.
import { expect, test } from 'vitest'
import type { Caller } from '../../src/accounts/keys.ts'
import { newId } from '../../src/ids.ts'
import { createTasks } from '../../src/tasks/create.ts'
import { claimSubmissions, submit } from '../../src/tasks/dispatch.ts'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import { quickYaml } from '../support/gateway.ts'
import { openWorkshop } from '../support/workshop.ts'
import type { Workshop } from '../support/workshop.ts'

const never = new AbortController().signal
const yaml = quickYaml.replace('queue_for: 20s', 'queue_for: 30m')
const turnMs = 250
/** The longest pause that mere suspicion brings about. */
const suspicionMaxMs = 10_000

const order = async ({ ctx, clock }: Workshop, caller: Caller, prompt: string) =>
  await createTasks(ctx, caller, { model_id: 'gpt-image-2', prompt }, newId('req', clock.now()))

async function run(shop: Workshop, ms: number): Promise<void> {
  for (const endAt = shop.clock.now() + ms; shop.clock.now() < endAt; shop.clock.advance(turnMs)) {
    const claimed = await claimSubmissions(shop.ctx, shop.keevx, 256)
    await Promise.all(claimed.map((submission) => submit(shop.ctx, submission, never)))
  }
}

function openShop(status: number): Workshop {
  const shop = openWorkshop({ yaml })
  const page: SubmitOutcome = { kind: 'order_trouble', status, detail: `HTTP ${status}: <html>` }
  let works = 0
  shop.submitted = (asked) =>
    (asked as { prompt: string }).prompt.includes('<script')
      ? page
      : { kind: 'accepted', taskIds: [`i2is-${(works += 1)}`] }
  return shop
}

const cases = [402, 403, 404, 451].flatMap((status) => [2, 5].map((accounts) => ({ status, accounts })))

test.each(cases)(
  '$status to orders of $accounts accounts: another waits for seconds at most',
  async (each) => {
    const shop = openShop(each.status)
    for (let at = 0; at < each.accounts; at += 1) await order(shop, await shop.account(100), '<script>')
    await run(shop, 130_000)
    const innocent = await shop.account(1_000)
    for (let at = 0; at < 3; at += 1) {
      const good = await order(shop, innocent, 'a heron')
      await run(shop, suspicionMaxMs + 2 * turnMs)
      expect(await shop.tasks(good)).toMatchObject([{ state: 'running' }])
    }
  },
)

test.each(cases)(
  '$status to orders of $accounts accounts: they end with their credits back',
  async (each) => {
    const shop = openShop(each.status)
    const poisoned = []
    const callers = []
    for (let at = 0; at < each.accounts; at += 1) {
      const caller = await shop.account(100)
      callers.push(caller)
      poisoned.push(await order(shop, caller, '<script>'))
    }
    const innocent = await shop.account(100_000)
    for (let at = 0; at < 120; at += 1) {
      await order(shop, innocent, 'a heron')
      await run(shop, 5_000)
    }
    for (const created of poisoned) {
      expect(await shop.tasks(created)).toMatchObject([
        { state: 'failed', creditsRefunded: 15, errorMessage: expect.stringContaining('turned away') },
      ])
    }
    for (const caller of callers) expect(await shop.balance(caller)).toBe(100)
    expect(shop.posted.length).toBeLessThanOrEqual(120 + 10 * each.accounts)
    expect(shop.keevx.recognition.isEstranged()).toBe(false)
    expect(shop.keevx.keys.report(shop.clock.now())).toMatchObject([{ state: 'ready' }])
  },
)
