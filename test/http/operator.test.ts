// The operator's accounts, keys and credits: each endpoint's good and bad, with the statuses of REST.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ErrorType } from '../../src/errors.ts'
import { startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
let accountId: string
beforeAll(async () => {
  gateway = await startGateway()
  accountId = (await gateway.operator('POST', '/accounts', { name: 'shop', credits: 100 })).json.data.id
})
afterAll(async () => await gateway.stop())

describe('accounts', () => {
  test('are made with credits or without', async () => {
    const made = await gateway.operator('POST', '/accounts', { name: '  Blumenladen 花店  ', credits: 50 })
    expect(made.status).toBe(201)
    expect(made.json).toEqual({
      code: 200,
      msg: 'ok',
      data: {
        id: expect.stringMatching(/^acc_[0-9a-z]{27}$/),
        name: 'Blumenladen 花店',
        status: 'active',
        balance: 50,
        owed: 0,
        low_balance: null,
        tasks_in_flight: 0,
        limits: {
          requests_per_minute: null,
          tasks_in_flight: null,
          credits_total: null,
          credits_per_day: null,
          models: null,
          cidrs: null,
        },
        plan: null,
        created_at: expect.any(Number),
      },
    })
    const { id } = made.json.data
    expect((await gateway.operator('GET', `/accounts/${id}`)).json.data).toEqual({
      ...made.json.data,
      used: null,
    })
    for (const body of [{ name: 'poor' }, { name: 'poor', credits: 0 }]) {
      const { json, status } = await gateway.operator('POST', '/accounts', body)
      expect([status, json.data.balance]).toEqual([201, 0])
      expect((await gateway.operator('GET', `/accounts/${json.data.id}/ledger`)).json.data.entries).toEqual(
        [],
      )
    }
  })

  test('are found by a part of their name or id, whatever its letters, and paged without gaps', async () => {
    for (const name of ['Paged 1', 'paged 2', 'PAGED 3_', 'other%'])
      await gateway.operator('POST', '/accounts', { name })
    const find = async (query: string) => (await gateway.operator('GET', `/accounts?${query}`)).json.data
    const first = await find('query=pAgEd&limit=2')
    expect(first.accounts.map(({ name }: any) => name)).toEqual(['PAGED 3_', 'paged 2'])
    const second = await find(`query=paged&limit=2&cursor=${first.next_cursor}`)
    expect(second).toMatchObject({ accounts: [{ name: 'Paged 1' }], next_cursor: null })
    // Signs that a pattern of SQL would take for itself.
    expect((await find('query=%25')).accounts.map(({ name }: any) => name)).toEqual(['other%'])
    expect((await find('query=_')).accounts.length).toBeGreaterThanOrEqual(1)
    expect((await find(`query=${accountId.slice(4, 20)}`)).accounts.map(({ id }: any) => id)).toContain(
      accountId,
    )
    expect((await find('query=nobody')).accounts).toEqual([])
  })

  test('are suspended, and let in again, and keep what a change leaves out', async () => {
    const patch = async (body: object) =>
      (await gateway.operator('PATCH', `/accounts/${accountId}`, body)).json.data
    expect(await patch({ limits: { requests_per_minute: 7, tasks_in_flight: 'off' } })).toMatchObject({
      status: 'active',
    })
    expect(await patch({ status: 'suspended' })).toMatchObject({
      status: 'suspended',
      limits: { requests_per_minute: 7, tasks_in_flight: 'off' },
    })
    expect(await patch({ limits: { requests_per_minute: null } })).toMatchObject({
      status: 'suspended',
      limits: { requests_per_minute: null, tasks_in_flight: 'off' },
    })
    expect(await patch({ status: 'active', limits: { tasks_in_flight: null } })).toMatchObject({
      status: 'active',
    })
    const before = await patch({})
    expect((await gateway.operator('GET', `/accounts/${accountId}`)).json.data).toMatchObject(before)
  })
})

describe('credits', () => {
  const move = (body: object, id = accountId) => gateway.operator('POST', `/accounts/${id}/credits`, body)
  const entriesOf = async (id = accountId) =>
    (await gateway.operator('GET', `/accounts/${id}/ledger`)).json.data.entries

  test('are given and taken away, each with an entry', async () => {
    const { id, balance } = (await gateway.operator('POST', '/accounts', { name: 'moves', credits: 10 })).json
      .data
    const given = await move({ amount: 5, note: 'for the holidays' }, id)
    expect([given.status, given.json]).toEqual([
      201,
      { code: 200, msg: 'ok', data: { balance: balance + 5, owed: 0, entry_id: expect.any(Number) } },
    ])
    expect((await move({ amount: -15, note: 'a mistake' }, id)).json.data.balance).toBe(0)
    expect(await entriesOf(id)).toMatchObject([
      { kind: 'adjust', amount: -15, balance: 0, note: 'a mistake', task_id: null },
      { kind: 'grant', amount: 5, balance: 15, note: 'for the holidays', id: given.json.data.entry_id },
      { kind: 'grant', amount: 10, balance: 10 },
    ])
  })

  test('never fall below zero: what is taken back beyond them is owed, and suspends the account', async () => {
    const { id } = (await gateway.operator('POST', '/accounts', { name: 'poor', credits: 10 })).json.data
    const taken = await move({ amount: -11, note: 'too much' }, id)
    expect(taken.json.data).toEqual({ balance: 0, owed: 1, entry_id: expect.any(Number) })
    expect(await entriesOf(id)).toMatchObject([{ kind: 'adjust', amount: -10, owed: 1 }, { kind: 'grant' }])
    const account = (await gateway.operator('GET', `/accounts/${id}`)).json.data
    expect(account).toMatchObject({ balance: 0, owed: 1, status: 'suspended' })
  })

  test('are given once for one idempotency_key, even at once, and not for another amount', async () => {
    const { id } = (await gateway.operator('POST', '/accounts', { name: 'keyed' })).json.data
    const body = { amount: 30, note: 'invoice 7', idempotency_key: 'invoice-7' }
    const answers = await Promise.all(Array.from({ length: 20 }, () => move(body, id)))
    const [first] = answers
    for (const { json } of answers) expect(json.data).toEqual(first?.json.data)
    expect(first?.json.data.balance).toBe(30)
    await move({ amount: 1, note: 'meanwhile' }, id)
    expect((await move(body, id)).json.data).toEqual(first?.json.data)
    for (const other of [
      { ...body, amount: 31 },
      { ...body, note: 'invoice 8' },
    ]) {
      expect(seen(await move(other, id))).toEqual(
        failure({ type: 'idempotency_mismatch', status: 409, field: 'idempotency_key' }),
      )
    }
    expect(await entriesOf(id)).toHaveLength(2)
    // Another account's key is its own.
    expect(seen(await move(body))).toEqual(
      failure({ type: 'idempotency_mismatch', status: 409, field: 'idempotency_key' }),
    )
  })
})

type Bad = readonly [
  method: string,
  path: string,
  body: unknown,
  status: number,
  type: ErrorType,
  field?: string,
]
const unknownId = `acc_${'0'.repeat(27)}`
const bad: readonly Bad[] = [
  ['POST', '/accounts', {}, 400, 'invalid_request', 'name'],
  ['POST', '/accounts', null, 400, 'invalid_request', 'name'],
  ['POST', '/accounts', { name: 7 }, 400, 'invalid_request', 'name'],
  ['POST', '/accounts', { name: '   ' }, 422, 'invalid_request', 'name'],
  ['POST', '/accounts', { name: 'a\u0000b' }, 422, 'invalid_request', 'name'],
  ['POST', '/accounts', { name: 'x'.repeat(101) }, 422, 'invalid_request', 'name'],
  ['POST', '/accounts', { name: 'a', credits: '5' }, 400, 'invalid_request', 'credits'],
  ['POST', '/accounts', { name: 'a', credits: -1 }, 422, 'invalid_request', 'credits'],
  ['POST', '/accounts', { name: 'a', credits: 1e300 }, 422, 'invalid_request', 'credits'],
  ['POST', '/accounts', { name: 'a', balance: 5 }, 400, 'invalid_request', 'balance'],
  ['POST', '/accounts', '{"name"', 400, 'invalid_request'],
  ['POST', '/accounts', [], 400, 'invalid_request'],
  ['POST', '/accounts', { name: '\u200b\ufeff' }, 422, 'invalid_request', 'name'],
  ['POST', '/accounts', { name: 'a\u001b[2Jb' }, 422, 'invalid_request', 'name'],
  ['POST', '/accounts', { name: 'a\nb' }, 422, 'invalid_request', 'name'],
  ['POST', '/accounts', { name: 'a\u009bb' }, 422, 'invalid_request', 'name'],
  ['POST', '/accounts', { name: 'a\u202eb' }, 422, 'invalid_request', 'name'],
  ['POST', '/accounts/ID/keys', { name: 'a\u2028b' }, 422, 'invalid_request', 'name'],
  ['POST', '/accounts/ID/credits', { amount: 5, note: 'a\rb' }, 422, 'invalid_request', 'note'],
  [
    'POST',
    '/accounts/ID/credits',
    { amount: 5, public_note: '\u0007' },
    422,
    'invalid_request',
    'public_note',
  ],
  [
    'POST',
    '/accounts/ID/credits',
    { amount: 5, private_note: 'a\u2066' },
    422,
    'invalid_request',
    'private_note',
  ],
  [
    'POST',
    '/accounts/ID/credits',
    { amount: 5, idempotency_key: 'a\tb' },
    422,
    'invalid_request',
    'idempotency_key',
  ],
  ['GET', '/accounts?limit=0', undefined, 422, 'invalid_request', 'limit'],
  ['GET', '/accounts?cursor=x', undefined, 422, 'invalid_request', 'cursor'],
  ['GET', '/accounts?q=x', undefined, 400, 'invalid_request', 'q'],
  ['GET', `/accounts/${unknownId}`, undefined, 404, 'not_found', 'id'],
  ['GET', '/accounts/x', undefined, 404, 'not_found', 'id'],
  ['PATCH', `/accounts/${unknownId}`, { status: 'active' }, 404, 'not_found', 'id'],
  ['PATCH', `/accounts/${unknownId}`, {}, 404, 'not_found', 'id'],
  ['PATCH', '/accounts/ID', { status: 'frozen' }, 422, 'invalid_request', 'status'],
  ['PATCH', '/accounts/ID', { name: 'other' }, 400, 'invalid_request', 'name'],
  ['PATCH', '/accounts/ID', { balance: 1 }, 400, 'invalid_request', 'balance'],
  [
    'PATCH',
    '/accounts/ID',
    { limits: { requests_per_minute: 0 } },
    422,
    'invalid_request',
    'limits.requests_per_minute',
  ],
  [
    'PATCH',
    '/accounts/ID',
    { limits: { tasks_in_flight: 1.5 } },
    422,
    'invalid_request',
    'limits.tasks_in_flight',
  ],
  ['PATCH', '/accounts/ID', { limits: { tasks: 1 } }, 400, 'invalid_request', 'limits.tasks'],
  ['POST', '/accounts/ID/keys', {}, 400, 'invalid_request', 'name'],
  [
    'POST',
    '/accounts/ID/keys',
    { name: 'a', expires_at: '2030-01-01' },
    400,
    'invalid_request',
    'expires_at',
  ],
  ['POST', '/accounts/ID/keys', { name: 'a', expires_at: 1_000 }, 422, 'invalid_request', 'expires_at'],
  [
    'POST',
    '/accounts/ID/keys',
    { name: 'a', expires_at: Date.now() + 3_600_000 },
    422,
    'invalid_request',
    'expires_at',
  ],
  ['POST', '/accounts/ID/keys', { name: 'a', key: 'sk-mine' }, 400, 'invalid_request', 'key'],
  ['POST', `/accounts/${unknownId}/keys`, { name: 'a' }, 404, 'not_found', 'id'],
  ['GET', `/accounts/${unknownId}/keys`, undefined, 404, 'not_found', 'id'],
  ['DELETE', `/keys/key_${'0'.repeat(27)}`, undefined, 404, 'not_found', 'id'],
  ['POST', '/accounts/ID/credits', { note: 'a' }, 400, 'invalid_request', 'amount'],
  ['POST', '/accounts/ID/credits', { amount: 0, note: 'a' }, 422, 'invalid_request', 'amount'],
  ['POST', '/accounts/ID/credits', { amount: 1.5, note: 'a' }, 400, 'invalid_request', 'amount'],
  ['POST', '/accounts/ID/credits', { amount: '5', note: 'a' }, 400, 'invalid_request', 'amount'],
  ['POST', '/accounts/ID/credits', { amount: 1e16, note: 'a' }, 422, 'invalid_request', 'amount'],
  ['POST', '/accounts/ID/credits', { amount: 5, note: 7 }, 400, 'invalid_request', 'note'],
  [
    'POST',
    '/accounts/ID/credits',
    { amount: 5, note: 'a', idempotency_key: '' },
    422,
    'invalid_request',
    'idempotency_key',
  ],
  ['POST', `/accounts/${unknownId}/credits`, { amount: 5, note: 'a' }, 404, 'not_found', 'id'],
  ['POST', `/accounts/${unknownId}/credits`, { amount: -5, note: 'a' }, 404, 'not_found', 'id'],
  ['GET', `/accounts/${unknownId}/ledger`, undefined, 404, 'not_found', 'id'],
  ['GET', '/accounts/ID/ledger?cursor=x', undefined, 422, 'invalid_request', 'cursor'],
  ['GET', '/tasks?status=9', undefined, 422, 'invalid_request', 'status'],
  ['GET', '/tasks?cursor=9', undefined, 422, 'invalid_request', 'cursor'],
  ['GET', '/tasks/none', undefined, 404, 'not_found', 'task_id'],
]

test.each(bad.map((row) => ({ row })))('$row.0 $row.1 $row.2 is $row.3', async ({ row }) => {
  const [method, path, body, status, type, field] = row
  const answer = await gateway.operator(method, path.replace('ID', accountId), body)
  expect(seen(answer)).toEqual(failure({ type, status, ...(field === undefined ? {} : { field }) }))
})

test('nothing that was refused has left a trace', async () => {
  const { entries } = (await gateway.operator('GET', `/accounts/${accountId}/ledger`)).json.data
  expect(entries.map(({ amount }: any) => amount)).toEqual([100])
  expect((await gateway.operator('GET', `/accounts/${accountId}/keys`)).json.data.keys).toEqual([])
  expect((await gateway.operator('GET', '/ledger/verify')).json.data).toMatchObject({ ok: true, drift: [] })
})

test('names in any script are taken, and unknown names in a query where they can only be for a cache', async () => {
  for (const name of ['画廊🦢', 'é', 'خط\u200cتیره', '👩‍👩‍👧', 'עברית\u200f!']) {
    const made = await gateway.operator('POST', '/accounts', { name })
    expect([made.status, made.json.data.name]).toEqual([201, name])
  }
  expect((await gateway.operator('GET', '/accounts?_t=1&_=2')).status).toBe(200)
})
