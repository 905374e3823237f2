// Customers and the keys of their own account: what they see, and what whom they showed lets them change.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../../support/gateway.ts'
import type { Customer, Gateway } from '../../support/gateway.ts'
import { failure, seen } from '../expectations.ts'
import { signedIn } from './browser.ts'
import type { Browser } from './browser.ts'

const plans = 'plans: { small: { price_times: {}, hide: [seedance-2] } }\n'
let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ yaml: `${quickYaml}${plans}` })
})
afterAll(async () => await gateway.stop())

const denied = failure({ type: 'unauthorized', status: 403 })
const by = async (key: string, method: string, path: string, body?: unknown) =>
  await gateway.call(method, `/api/v1${path}`, { key, ...(body !== undefined && { body }) })

async function byLink({ accountId }: Customer): Promise<Browser> {
  const { url } = (await gateway.operator('POST', `/accounts/${accountId}/link`, {})).json.data
  return await signedIn(gateway, { link: url.split('/').at(-1) })
}

const balanceBy = async (key: string) => (await by(key, 'GET', '/credits')).status

test('who came by a link makes, changes and revokes keys, which work at once', async () => {
  const customer = await gateway.customer(100)
  const browser = await byLink(customer)
  const body = { name: 'shop', limits: { credits_total: 20, models: ['gpt-image-2'] } }
  const made = (await browser.call('POST', '/console/api/v1/keys', body)).json.data
  expect(made).toMatchObject({ name: 'shop', key: expect.stringMatching(/^sk-\w{32}$/), test: false })
  const order = { model_id: 'gpt-image-2', prompt: 'a garden' }
  expect((await by(made.key, 'POST', '/tasks/create', order)).json.code).toBe(200)
  expect((await by(made.key, 'POST', '/tasks/create', order)).json.error.type).toBe('credit_cap')
  const wider = { limits: { credits_total: 40 }, name: 'big shop' }
  const changed = await browser.call('PATCH', `/console/api/v1/keys/${made.id}`, wider)
  expect(changed.json.data).toMatchObject({
    name: 'big shop',
    limits: { credits_total: 40, models: ['gpt-image-2'] },
    used: { credits_total: 15 },
  })
  expect(changed.text).not.toContain(made.key)
  expect((await by(made.key, 'POST', '/tasks/create', order)).json.code).toBe(200)
  const { revoked_at: revokedAt } = (await browser.call('DELETE', `/console/api/v1/keys/${made.id}`)).json
    .data
  expect([revokedAt, await balanceBy(made.key)]).toEqual([expect.any(Number), 401])
  const played = await browser.call('POST', '/console/api/v1/keys', { name: 'play', test: true })
  expect(played.json.data).toMatchObject({ test: true, key: expect.stringMatching(/^sk-test-/) })
})

test('the list is in pages, newest first, and says nothing of other accounts', async () => {
  const customer = await gateway.customer()
  const theirs = await gateway.customer()
  const browser = await byLink(customer)
  for (const name of ['a', 'b', 'c']) await browser.call('POST', '/console/api/v1/keys', { name })
  const names: string[] = []
  let cursor = ''
  do {
    const { data } = (await by(customer.key, 'GET', `/keys?limit=2&cursor=${cursor}`)).json
    names.push(...data.keys.map(({ name }: { name: string }) => name))
    expect(JSON.stringify(data)).not.toMatch(/account_id|sk-\w{8}/)
    cursor = data.next_cursor ?? ''
  } while (cursor !== '')
  expect(names).toEqual(['c', 'b', 'a', 'console', 'test'])
  const [{ id }] = (await by(theirs.key, 'GET', '/keys')).json.data.keys
  for (const [method, body] of [['DELETE'], ['PATCH', { name: 'mine' }]] as const) {
    const answer = await browser.call(method, `/console/api/v1/keys/${id}`, body)
    expect(seen(answer)).toEqual(failure({ type: 'not_found', field: 'id' }))
  }
  expect((await by(theirs.key, 'GET', '/keys')).json.data.keys[0]).toMatchObject({
    name: 'test',
    revoked_at: null,
  })
})

test('who has only shown a key lists and revokes, also itself, and makes and widens none', async () => {
  const { key } = await gateway.customer()
  const browser = await signedIn(gateway, { secret: key })
  const [{ id }] = (await by(key, 'GET', '/keys')).json.data.keys
  for (const answer of [
    await by(key, 'POST', '/keys', { name: 'more' }),
    await browser.call('POST', '/console/api/v1/keys', { name: 'more' }),
    await by(key, 'PATCH', `/keys/${id}`, { expires_at: null }),
    await browser.call('PATCH', `/console/api/v1/keys/${id}`, { limits: { credits_total: null } }),
  ]) {
    expect(seen(answer)).toEqual(denied)
    expect(answer.json.msg).toContain('keys_make_keys')
  }
  expect((await by(key, 'GET', '/keys')).json.data.keys).toHaveLength(1)
  expect((await browser.call('DELETE', `/console/api/v1/keys/${id}`)).json.code).toBe(200)
  expect([await balanceBy(key), (await browser.session()).signed_in]).toEqual([401, false])
})

test('the operator may let keys make keys', async () => {
  const { key } = await gateway.customer()
  const { config } = gateway.app.ctx
  Object.assign(gateway.app.ctx, {
    config: { ...config, console: { ...config.console, keysMakeKeys: true } },
  })
  const made = await by(key, 'POST', '/keys', { name: 'more' })
  const { may } = await (await signedIn(gateway, { secret: key })).session()
  Object.assign(gateway.app.ctx, { config })
  expect([made.json.code, await balanceBy(made.json.data.key), may.make_keys]).toEqual([200, 200, true])
})

test('a key is not wider than its account: its models are those that the account sees, and its limits hold too', async () => {
  const customer = await gateway.customer(100)
  await gateway.operator('PATCH', `/accounts/${customer.accountId}`, {
    plan: 'small',
    limits: { credits_total: 10 },
  })
  const browser = await byLink(customer)
  const hidden = { name: 'film', limits: { models: ['seedance-2'] } }
  const refused = await browser.call('POST', '/console/api/v1/keys', hidden)
  expect(seen(refused)).toEqual(failure({ type: 'invalid_request', field: 'limits.models' }))
  expect(refused.json.msg.replace('"seedance-2"', '')).not.toContain('seedance-2')
  const wide = { name: 'wide', limits: { credits_total: 1_000 } }
  const { key } = (await browser.call('POST', '/console/api/v1/keys', wide)).json.data
  const order = { model_id: 'gpt-image-2', prompt: 'a garden' }
  expect((await by(key, 'POST', '/tasks/create', order)).json.error.type).toBe('credit_cap')
  const past = await browser.call('POST', '/console/api/v1/keys', { name: 'old', expires_at: 1_767_225_601 })
  expect(seen(past)).toEqual(failure({ type: 'invalid_request', field: 'expires_at' }))
})

test('an account has so many keys and no more', async () => {
  const customer = await gateway.customer()
  const browser = await byLink(customer)
  const rows = Array.from(
    { length: 498 },
    (_, at) => `('key_${at}', '${customer.accountId}', 'k', 'h${at}', 'sk-', 1)`,
  )
  await gateway.store.write(
    `INSERT INTO keys (id, account_id, name, hash, prefix, created_at) VALUES ${rows.join(', ')}`,
  )
  const refused = await browser.call('POST', '/console/api/v1/keys', { name: 'one more' })
  expect(seen(refused)).toEqual(failure({ type: 'invalid_request' }))
})

test('the account says itself below which balance it is told', async () => {
  const { accountId, key } = await gateway.customer()
  expect((await by(key, 'GET', '/credits/low_balance')).json.data).toEqual({ low_balance: null })
  for (const wanted of [50, 'off', null]) {
    const set = await by(key, 'PUT', '/credits/low_balance', { low_balance: wanted })
    expect(set.json.data).toEqual({ low_balance: wanted })
    const { data } = (await gateway.operator('GET', `/accounts/${accountId}`)).json
    expect(data.low_balance).toBe(wanted)
  }
})

test('a test key manages nothing of the account', async () => {
  const { accountId } = await gateway.customer()
  const { key } = (await gateway.operator('POST', `/accounts/${accountId}/keys`, { name: 't', test: true }))
    .json.data
  for (const [method, path] of [
    ['GET', '/keys'],
    ['POST', '/keys'],
    ['PUT', '/credits/low_balance'],
  ] as const) {
    const answer = await by(key, method, path, method === 'GET' ? undefined : { name: 'a', low_balance: 5 })
    expect(answer.json.error.type, path).toBe('invalid_request')
    expect(answer.json.msg).toContain('test key')
  }
})
