// A grant that bears an idempotency_key is given, or taken away, once: whoever sends it again hears the first answer.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Answer, Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(async () => await gateway.stop())

const account = async (credits: number): Promise<string> =>
  (await gateway.operator('POST', '/accounts', { name: 'keyed', ...(credits > 0 && { credits }) })).json.data
    .id
const move = async (id: string, body: object): Promise<Answer> =>
  await gateway.operator('POST', `/accounts/${id}/credits`, body)
const amountsOf = async (id: string): Promise<number[]> =>
  (await gateway.operator('GET', `/accounts/${id}/ledger`)).json.data.entries.map(({ amount }: any) => amount)
const replayed = ({ headers }: Answer) => headers.get('idempotency-replayed')
const mismatch = failure({ type: 'idempotency_mismatch', status: 409, field: 'idempotency_key' })

test('fifty times at once it is given once, and one answer says that it was the first', async () => {
  const id = await account(0)
  const body = { amount: 30, note: 'invoice 7', idempotency_key: 'invoice-7' }
  const answers = await Promise.all(Array.from({ length: 50 }, () => move(id, body)))
  for (const { status, text } of answers) expect([status, text]).toEqual([201, answers[0]?.text])
  expect(answers.filter((answer) => replayed(answer) === null)).toHaveLength(1)
  expect(answers.filter((answer) => replayed(answer) === 'true')).toHaveLength(49)
  expect(await amountsOf(id)).toEqual([30])
})

test('of fifty that differ, at once under one key, those like the first are answered and no other given', async () => {
  const id = await account(0)
  const bodies = Array.from({ length: 50 }, (_, at) => ({ amount: 10 + (at % 2), idempotency_key: 'fifty' }))
  const answers = await Promise.all(bodies.map((body) => move(id, body)))
  const taken = answers.filter(({ status }) => status === 201)
  expect(taken).toHaveLength(25)
  for (const answer of answers) if (!taken.includes(answer)) expect(seen(answer)).toEqual(mismatch)
  expect(await amountsOf(id)).toHaveLength(1)
})

test('what was taken away is not taken again, also where there would be too little', async () => {
  const id = await account(10)
  const body = { amount: -10, note: 'a mistake', idempotency_key: 'taken' }
  const first = await move(id, body)
  expect(first.json.data.balance).toBe(0)
  const again = await move(id, body)
  expect([again.status, again.text, replayed(again)]).toEqual([201, first.text, 'true'])
  await move(id, { amount: 50 })
  expect((await move(id, body)).text).toBe(first.text)
  expect(await amountsOf(id)).toEqual([50, -10, 10])
})

test('what was refused leaves the key free', async () => {
  const id = await account(0)
  const body = { amount: 1e15, idempotency_key: 'refused' }
  await move(id, { amount: 5 })
  expect(seen(await move(id, body))).toEqual(
    failure({ type: 'invalid_request', status: 409, field: 'amount' }),
  )
  await move(id, { amount: -5 })
  const given = await move(id, body)
  expect([given.json.data.balance, replayed(given)]).toEqual([1e15, null])
})

describe('the key stands for the grant that it came with:', () => {
  const first = { amount: 30, note: 'invoice 7', idempotency_key: 'k' }
  test.each([
    ['another amount', { ...first, amount: 31 }],
    ['as much, taken away', { ...first, amount: -30 }],
    ['another note', { ...first, note: 'invoice 8' }],
    ['no note', { amount: 30 }],
    ['another public note', { ...first, public_note: 'shown' }],
    ['another payment', { ...first, paid: { amount: '3', currency: 'EUR' } }],
  ])('%s is refused and changes nothing', async (what, other) => {
    const id = await account(0)
    await move(id, { ...first, idempotency_key: what })
    const refused = await move(id, { ...other, idempotency_key: what })
    expect(seen(refused)).toEqual(mismatch)
    expect(refused.json.msg).toMatch(/Nothing was changed.*new key/)
    expect(await amountsOf(id)).toEqual([30])
  })

  test('another key is another grant, and another account cannot have it', async () => {
    const [one, other] = [await account(0), await account(0)]
    const keyed = { ...first, idempotency_key: 'of one alone' }
    const answers = [await move(one, keyed), await move(one, { ...keyed, idempotency_key: 'another' })]
    expect(answers.map(({ json }) => json.data.balance)).toEqual([30, 60])
    expect(answers.map(replayed)).toEqual([null, null])
    expect(seen(await move(other, keyed))).toEqual(mismatch)
    expect(await amountsOf(other)).toEqual([])
  })

  test('an order of the account under the same Idempotency-Key has nothing to do with it', async () => {
    const customer = await gateway.customer(0)
    await move(customer.accountId, first)
    const order = { model_id: 'gpt-image-2', prompt: 'a' }
    const created = await customer.create(order, { 'idempotency-key': 'k' })
    expect(created.json).toMatchObject({ code: 200, data: { credits: 15 } })
    expect((await move(customer.accountId, first)).json.data.balance).toBe(30)
    expect(await customer.balance()).toBe(15)
  })
})

test('after all of it the ledger adds up', async () => {
  expect((await gateway.operator('GET', '/ledger/verify')).json.data).toMatchObject({ ok: true, drift: [] })
})

describe('of the notes', () => {
  const secret = 'pays late, watch him'

  test.each(['note', 'private_note'])('%s is for the operator alone', async (name) => {
    const customer = await gateway.customer(0)
    await move(customer.accountId, { amount: 20, [name]: secret, public_note: 'Top-up of June' })
    const { task_id } = (await customer.create({ model_id: 'gpt-image-2', prompt: 'a' })).json.data
    const shown = await customer.get('/ledger')
    expect(shown.text).not.toContain(secret)
    expect(shown.json.data.entries.at(-1)).toEqual({
      id: expect.any(Number),
      kind: 'grant',
      amount: 20,
      balance: 20,
      task_id: null,
      public_note: 'Top-up of June',
      created_at: expect.any(Number),
    })
    const operators = (await gateway.operator('GET', `/accounts/${customer.accountId}/ledger`)).json.data
    const notes = { private_note: secret, note: secret, public_note: 'Top-up of June' }
    expect(operators.entries.at(-1)).toMatchObject(notes)
    const { entries } = (await gateway.operator('GET', `/tasks/${task_id}`)).json.data
    expect(entries[0]).toMatchObject({ private_note: null, note: null, public_note: null })
  })

  test('one alone may be given, and the private one has two names', async () => {
    const id = await account(0)
    await move(id, { amount: 1, public_note: 'shown' })
    await move(id, { amount: 1, private_note: 'hidden' })
    await move(id, { amount: 1, private_note: 'hidden', note: 'hidden' })
    const { entries } = (await gateway.operator('GET', `/accounts/${id}/ledger`)).json.data
    expect(entries.map((entry: any) => [entry.private_note, entry.public_note])).toEqual([
      ['hidden', null],
      ['hidden', null],
      [null, 'shown'],
    ])
    expect(seen(await move(id, { amount: 1, private_note: 'hidden', note: 'another' }))).toEqual(
      failure({ type: 'invalid_request', status: 422, field: 'note' }),
    )
  })
})

test('what was paid for credits is said to the operator alone', async () => {
  const customer = await gateway.customer(0)
  const { accountId } = customer
  await move(accountId, { amount: 100, paid: { amount: 9.99, currency: 'EUR' } })
  const { entries } = (await gateway.operator('GET', `/accounts/${accountId}/ledger`)).json.data
  expect(entries).toMatchObject([{ amount: 100, paid: { amount: '9.99', currency: 'EUR' } }])
  expect((await customer.get('/ledger')).text).not.toContain('9.99')
  for (const [amount, currency] of [
    ['9,99', 'EUR'],
    [-1, 'EUR'],
    ['1', 'euro'],
    ['0.00001', 'EUR'],
  ])
    expect((await move(accountId, { amount: 1, paid: { amount, currency } })).status).toBe(422)
})
