// A gateway's inside whose tasks end when a test says so, and whose deliveries leave one turn at a time.
import type { Caller } from '../../src/accounts/callers.ts'
import { failTask } from '../../src/tasks/settle.ts'
import { createDelivering } from '../../src/webhooks/deliver.ts'
import { listDeliveries } from '../../src/webhooks/deliveries.ts'
import type { Delivery } from '../../src/webhooks/deliveries.ts'
import { setEndpoint } from '../../src/webhooks/endpoint.ts'
import { shortLimitsYaml } from '../support/gateway.ts'
import { receiverYaml } from '../support/receiver.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness, DomainHarnessOptions } from '../support/domain-harness.ts'

export interface WebhookHarness {
  readonly domain: DomainHarness
  readonly caller: Caller
  /** A task of the caller that has failed, told at this URL or at the account's. */
  fail(url?: string, caller?: Caller): Promise<string>
  /** An order of one task that has not ended yet. */
  order(url?: string, caller?: Caller): Promise<string>
  name(url: string | null, caller?: Caller): Promise<void>
  /** Claims once, and resolves when every try has ended; how many there were. */
  turn(max?: number): Promise<number>
  log(caller?: Caller): Promise<Delivery[]>
}

export async function openWebhookHarness(
  options: DomainHarnessOptions & { schedule?: string; timeout?: string } = {},
): Promise<WebhookHarness> {
  const { schedule = '[5s, 5m, 30m]', timeout = '30s', ...rest } = options
  const domain = await openDomainHarness({ yaml: shortLimitsYaml + receiverYaml(schedule, timeout), ...rest })
  const { ctx, clock } = domain
  const caller = await domain.account(1_000_000)
  const delivering = createDelivering(ctx)
  const never = new AbortController().signal
  const order = async (url?: string, by = caller): Promise<string> => {
    const body = {
      model_id: 'gpt-image-2',
      prompt: 'a heron',
      ...(url !== undefined && { callback_url: url }),
    }
    const { created } = await create(ctx, by, body)
    return created.taskIds[0] ?? ''
  }
  return {
    domain,
    caller,
    order,
    async fail(url, by = caller) {
      const id = await order(url, by)
      const failure = { reason: 'It did not work.', detail: 'a test' }
      await ctx.db.transaction((tx) => failTask({ tx, nowMs: clock.now() }, { id, credits: 15 }, failure))
      return id
    },
    name: async (url, by = caller) => void (await setEndpoint(ctx, by.accountId, { url })),
    async turn(max = 64) {
      const claimed = await delivering.claim(max)
      await Promise.all(claimed.map((delivery) => delivering.run(delivery, never)))
      return claimed.length
    },
    log: async ({ accountId } = caller) =>
      await listDeliveries(ctx.db.read, { accountId, state: null, before: null, limit: 1_000 }),
  }
}
