// A charge that leads below the threshold is told once, by the transaction that charges, and again only after it was above.
import { expect, test } from 'vitest'
import type { Caller } from '../../src/accounts/callers.ts'
import { changeAccount } from '../../src/accounts/accounts.ts'
import { giveCredits } from '../../src/credits/give.ts'
import { failTask } from '../../src/tasks/settle.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'
import { shortLimitsYaml } from '../support/gateway.ts'

const url = 'https://shop.example.com/hooks'

/** An account with a URL for its webhooks; `types`: what it has chosen. */
async function customer(
  domain: DomainHarness,
  {
    credits,
    lowBalance = null,
    types = [],
  }: { credits: number; lowBalance?: number | null; types?: string[] },
): Promise<Caller> {
  const caller = await domain.account(credits)
  const { accountId } = caller
  const choices = types.map(
    (type) => `INSERT INTO webhook_choices (account_id, type) VALUES ('${accountId}', '${type}')`,
  )
  await domain.store.write(
    [
      `INSERT INTO webhook_endpoints (account_id, url, changed_at) VALUES ('${accountId}', '${url}', 1)`,
      ...choices,
    ].join(';'),
  )
  if (lowBalance !== null)
    await domain.ctx.db.transaction((tx) => changeAccount(tx, accountId, { lowBalance }))
  return caller
}

const told = async ({ store }: DomainHarness, { accountId }: Caller): Promise<unknown[]> =>
  (
    await store.rows(
      "SELECT body FROM webhook_deliveries WHERE account_id = ? AND type = 'balance.low' AND task_id IS NULL ORDER BY id",
      [accountId],
    )
  ).map(({ body }) => JSON.parse(String(body)).data)

test('of orders that come at once the one that crosses is told of, and of no other', async () => {
  const domain = await openDomainHarness()
  const caller = await customer(domain, { credits: 300, lowBalance: 100 })
  const orders = await Promise.all(Array.from({ length: 20 }, () => domain.order(caller)))
  expect(await domain.balance(caller)).toBe(0)
  expect(await told(domain, caller)).toHaveLength(1)

  // What comes back leads above it: the next fall is told again.
  const [task] = orders.flatMap(({ taskIds }) => taskIds)
  const failure = { reason: 'No.', detail: 'a test' }
  await domain.ctx.db.transaction(async (tx) => {
    await failTask({ tx, nowMs: domain.clock.now() }, { id: task ?? '', credits: 15 }, failure)
  })
  await domain.order(caller)
  expect(await told(domain, caller)).toHaveLength(1)
  await giveCredits(domain.ctx, {
    accountOf: () => Promise.resolve(caller.accountId),
    amount: 110,
    notes: { private: null, public: null },
    idempotencyKey: null,
  })
  await domain.order(caller)
  expect((await told(domain, caller))[1]).toEqual({ balance: 95, low_balance: 100 })
  expect(await told(domain, caller)).toHaveLength(2)
})

test('an account follows its own threshold, else the configured one; and is told only of what it chose', async () => {
  const domain = await openDomainHarness({ yaml: `${shortLimitsYaml}\nlow_balance: 50\n` })
  const trials = [
    { who: { credits: 60 }, falls: 1 },
    { who: { credits: 60, lowBalance: 0 }, falls: 0 },
    { who: { credits: 60, lowBalance: 61 }, falls: 0 },
    { who: { credits: 60, lowBalance: 60 }, falls: 1 },
    { who: { credits: 60, types: ['task.failed'] }, falls: 0 },
    { who: { credits: 60, types: ['balance.low'] }, falls: 1 },
  ]
  for (const { who, falls } of trials) {
    const caller = await customer(domain, who)
    await domain.order(caller)
    expect(await told(domain, caller), JSON.stringify(who)).toHaveLength(falls)
  }
})

test('without a threshold nothing is told, and a taking-back is told like a charge', async () => {
  const domain = await openDomainHarness()
  const plain = await customer(domain, { credits: 15 })
  await domain.order(plain)
  expect(await told(domain, plain)).toEqual([])
  const caller = await customer(domain, { credits: 100, lowBalance: 50 })
  const back = { notes: { private: null, public: null }, idempotencyKey: null }
  await giveCredits(domain.ctx, {
    accountOf: () => Promise.resolve(caller.accountId),
    ...back,
    amount: -70,
  })
  expect(await told(domain, caller)).toEqual([{ balance: 30, low_balance: 50 }])
})
