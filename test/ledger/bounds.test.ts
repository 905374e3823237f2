// Balances stay where whole numbers count exactly: beyond that a grant says so, and changes nothing.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { creditsToBegin } from '../../src/cli/options/arguments.ts'
import { neverLate, verifyLedger } from '../../src/ledger/verify.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { grant, noNotes } from '../../src/ledger/grant.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import { newFolder } from '../support/folder.ts'
import { openTestStore } from '../support/test-store.ts'
import { firstStore } from '../db/versions.ts'

const most = 1_000_000_000_000_000

describe('over HTTP', () => {
  let gateway: Gateway
  beforeAll(async () => {
    gateway = await startGateway()
  })
  afterAll(async () => await gateway.stop())

  const account = async (credits: number) =>
    (await gateway.operator('POST', '/accounts', { name: 'a', ...(credits > 0 && { credits }) })).json.data.id
  const balance = async (id: string) => (await gateway.operator('GET', `/accounts/${id}`)).json.data.balance

  test('an account holds up to 10^15 credits, by one grant or by several, and not one more', async () => {
    const id = await account(most - 1)
    const give = (amount: number) => gateway.operator('POST', `/accounts/${id}/credits`, { amount })
    expect(await give(1)).toMatchObject({ status: 201, json: { data: { balance: most } } })
    for (const amount of [1, most]) {
      const refused = await give(amount)
      expect(refused.status).toBe(409)
      expect(refused.json.msg).toContain('the most that an account can hold. Nothing was changed.')
    }
    expect(await balance(id)).toBe(most)
    expect(await give(-most)).toMatchObject({ status: 201, json: { data: { balance: 0 } } })
  })

  test.each([
    '1e400',
    '1.5',
    '-0',
    '0',
    '"5"',
    '9007199254740993',
    '1000000000000001',
    '1e16',
    'null',
    'true',
    '[5]',
    'NaN',
  ])('an amount of %s is refused and changes nothing', async (amount) => {
    const id = await account(0)
    const body = `{"amount":${amount}}`
    const refused = await gateway.operator('POST', `/accounts/${id}/credits`, body)
    expect([400, 422]).toContain(refused.status)
    expect(await balance(id)).toBe(0)
    const name = `begins with ${amount}`
    const begun = await gateway.operator(
      'POST',
      '/accounts',
      JSON.stringify({ name }).replace('}', `,"credits":${amount}}`),
    )
    if (amount === '0' || amount === '-0') expect(begun.json.data.balance).toBe(0)
    else expect([400, 422]).toContain(begun.status)
  })

  test('a charge is exact at the very top', async () => {
    const customer = await gateway.customer(most)
    await customer.create({ model_id: 'gpt-image-2', prompt: 'a heron' })
    expect(await customer.balance()).toBe(most - 15)
  })
})

test('what open tasks were charged is counted, so that its refund always fits', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(most)
  const created = await domain.order(caller)
  const nowMs = domain.clock.now()
  const { accountId } = caller
  const one = { accountId, amount: 1, notes: noNotes, idempotencyKey: null, nowMs }
  await expect(domain.ctx.db.transaction((tx) => grant(tx, one))).rejects.toThrow(
    '15 in tasks that have not ended',
  )
  domain.clock.advance(20_000)
  await rescue(domain.ctx)
  expect(await domain.tasks(created)).toMatchObject([{ state: 'failed' }])
  expect(await domain.balance(caller)).toBe(most)
  expect(await verifyLedger(storeAt(domain.store.databaseUrl).lookAt(), nowMs, neverLate)).toMatchObject({
    ok: true,
  })
})

test('the store refuses what gets past all that', async () => {
  const domain = await openDomainHarness()
  await domain.account(most)
  for (const change of ['balance = balance + 1', 'credits_open = 1']) {
    const changed = domain.store.write(`UPDATE accounts SET ${change}`)
    await expect(changed).rejects.toThrow('accounts_balance')
  }
})

test('a store with more in an account is not brought up to date, is told how it can be, and stays as it is', async () => {
  const store = openTestStore(`file:${firstStore(newFolder(), { accounts: 2, requestsEach: 7 })}`)
  await store.write(`UPDATE accounts SET balance = ${most}1 WHERE id = 'acc_1'`)
  await expect(storeAt(store.databaseUrl).open({ onFatal: () => undefined })).rejects.toThrow(
    /holds more than 1000000000000000 credits.*Nothing was changed.*credits grant/,
  )
  const kept = await store.rows("SELECT CAST(balance AS text) AS balance FROM accounts WHERE id = 'acc_1'")
  expect(kept).toEqual([{ balance: `${most}1` }])
})

test('the command line knows the bound as well', () => {
  expect(creditsToBegin(String(most))).toBe(most)
  for (const text of [`${most + 1}`, '1e15', '0', '9007199254740993'])
    expect(() => creditsToBegin(text)).toThrow('It must be')
})
