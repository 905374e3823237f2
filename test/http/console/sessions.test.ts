// Sessions of the console: what opens one, what it opens, and what ends it.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminToken, quickYaml, startGateway } from '../../support/gateway.ts'
import type { Answer, Gateway } from '../../support/gateway.ts'
import { failure, seen } from '../expectations.ts'
import { newBrowser, signedIn } from './browser.ts'
import type { Browser } from './browser.ts'

const viewerToken = `op-cleo-${'c'.repeat(40)}`
const tokenHash = createHash('sha256').update(viewerToken).digest('hex')
const yaml = `${quickYaml}
operators:
  cleo: { token_hash: "${tokenHash}", role: viewer }
network: { trusted_proxies: [127.0.0.0/8] }
`
const lines: string[] = []
let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ yaml, onLog: (line) => void lines.push(line) })
})
afterAll(async () => await gateway.stop())

const refused = failure({ type: 'unauthorized', status: 401 })
const opens = async (browser: Browser) => (await browser.call('GET', '/console/api/v1/credits')).status
const fromProxy = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'shop.example' }
const otherSite = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }

async function keyOf(accountId: string, limits = {}): Promise<{ id: string; key: string }> {
  return (await gateway.operator('POST', `/accounts/${accountId}/keys`, { name: 'laptop', limits })).json.data
}

test('a key opens a session that acts as this key, in a cookie that no page can read', async () => {
  const { accountId, key } = await gateway.customer(100)
  const browser = newBrowser(gateway)
  expect(await browser.session()).toEqual({ signed_in: false })
  const answer = await browser.signIn({ secret: ` ${key}\n` })
  expect(answer.headers.getSetCookie()).toEqual([
    expect.stringMatching(
      /^tollgate=[0-9A-Za-z]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=25(9199\d|92000)$/,
    ),
  ])
  const session = {
    signed_in: true,
    role: 'customer',
    account: { id: accountId, name: 'customer' },
    key: { id: expect.stringMatching(/^key_/), name: 'test', prefix: `${key.slice(0, 7)}…` },
    opened_by: 'key',
    has_password: false,
    may: { make_keys: false, set_password: false },
    expires_at: expect.any(Number),
  }
  expect(answer.json.data).toEqual(session)
  expect(await browser.session()).toEqual(session)
  const order = { model_id: 'gpt-image-2', prompt: 'a garden' }
  const made = await browser.call('POST', '/console/api/v1/tasks/create', order)
  expect(made.json, made.text).toMatchObject({ code: 200, data: { credits: 15 } })
  const { rows } = (await browser.call('GET', '/console/api/v1/usage?group=key')).json.data
  expect(rows).toMatchObject([{ charged: 15 }])
  expect(JSON.stringify(rows)).toContain(session.key.name)
})

test('the store and the log have no token', async () => {
  const { key } = await gateway.customer()
  const { cookie } = await signedIn(gateway, { secret: key })
  const [, token = ''] = cookie.split('=')
  const rows = await gateway.store.rows('SELECT * FROM sessions')
  expect(JSON.stringify(rows)).toContain(createHash('sha256').update(token).digest('hex'))
  expect(JSON.stringify(rows)).not.toContain(token)
  expect(lines.join('\n')).not.toContain(token)
})

test('over https the cookie is of this host alone and never goes over an open line', async () => {
  const { key } = await gateway.customer()
  const browser = newBrowser(gateway, { origin: 'https://shop.example', ...fromProxy })
  const { headers } = await browser.signIn({ secret: key })
  expect(headers.getSetCookie()).toEqual([
    expect.stringMatching(
      /^__Host-tollgate=\w{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/,
    ),
  ])
  expect(await opens(browser)).toBe(200)
  // The other name would be one that a neighbour can set.
  browser.cookie = browser.cookie.replace('__Host-', '')
  expect(await opens(browser)).toBe(401)
})

test('nobody signs in over an open line', async () => {
  const { key } = await gateway.customer()
  const open = { origin: 'http://shop.example', 'x-forwarded-host': 'shop.example' }
  const answer = await newBrowser(gateway, open).signIn({ secret: key })
  expect(seen(answer)).toEqual(failure({ type: 'invalid_request', status: 409 }))
  expect(answer.headers.getSetCookie()).toEqual([])
})

test('a cookie opens no API of keys or tokens, and neither of these opens the console', async () => {
  const { key } = await gateway.customer()
  const customer = await signedIn(gateway, { secret: key })
  const operator = await signedIn(gateway, { secret: adminToken })
  expect(seen(await customer.call('GET', '/api/v1/credits'))).toEqual(refused)
  expect(seen(await operator.call('GET', '/admin/v1/stats'))).toEqual(refused)
  for (const bearer of [key, adminToken]) {
    const browser = newBrowser(gateway)
    const shown = { authorization: `Bearer ${bearer}` }
    for (const path of ['/console/api/v1/credits', '/console/admin/v1/stats'])
      expect(seen(await browser.call('GET', path, undefined, shown))).toEqual(refused)
    expect((await browser.call('GET', '/console/session', undefined, shown)).json.data).toEqual({
      signed_in: false,
    })
  }
  expect(seen(await customer.call('GET', '/console/admin/v1/stats'))).toEqual(refused)
  expect(seen(await operator.call('GET', '/console/api/v1/credits'))).toEqual(refused)
})

describe('a page of another site', () => {
  test.each([
    otherSite,
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'null' },
    { origin: 'https://evil.example' },
    { origin: 'http://127.0.0.1:1' },
    {},
  ])('%o does nothing with a session, nor opens one', async (headers) => {
    const { key } = await gateway.customer()
    const browser = await signedIn(gateway, { secret: key })
    const other = newBrowser(gateway, headers)
    other.cookie = browser.cookie
    const requests = [
      ['GET', '/console/api/v1/credits'],
      ['POST', '/console/api/v1/tasks/create'],
      ['GET', '/console/admin/v1/stats'],
      ['GET', '/console/session'],
      ['POST', '/console/session'],
      ['DELETE', '/console/session'],
      ['DELETE', '/console/sessions'],
      ['PUT', '/console/password'],
    ]
    for (const [method = '', path = ''] of requests) {
      const answer = await other.call(method, path, method === 'GET' ? undefined : { secret: key })
      expect(seen(answer), path).toEqual(failure({ type: 'invalid_request', status: 403 }))
    }
    expect(await opens(browser)).toBe(200)
  })

  test('a typed address reads, and changes nothing', async () => {
    const browser = await signedIn(gateway, { secret: (await gateway.customer()).key })
    const typed = newBrowser(gateway, { 'sec-fetch-site': 'none' })
    typed.cookie = browser.cookie
    expect(await opens(typed)).toBe(200)
    expect((await typed.call('DELETE', '/console/session')).status).toBe(403)
  })
})

test('an operator has its role, and its acts bear its name', async () => {
  const viewer = await signedIn(gateway, { secret: viewerToken })
  expect(await viewer.session()).toEqual({
    signed_in: true,
    role: 'operator',
    operator: { name: 'cleo', role: 'viewer' },
    expires_at: expect.any(Number),
  })
  expect((await viewer.call('GET', '/console/admin/v1/stats')).status).toBe(200)
  const body = { name: 'from the console' }
  const denied = await viewer.call('POST', '/console/admin/v1/accounts', body)
  expect(seen(denied)).toEqual(failure({ type: 'unauthorized', status: 403 }))
  const owner = await signedIn(gateway, { secret: adminToken })
  const made = await owner.call('POST', '/console/admin/v1/accounts', body)
  expect(made.status).toBe(201)
  const acts = (await owner.call('GET', `/console/admin/v1/audit?target=${made.json.data.id}`)).json.data.acts
  expect(acts).toMatchObject([{ actor: 'admin', action: 'createAccount' }])
  expect((await owner.call('PUT', '/console/password', { password: 'a long password' })).status).toBe(409)
})

test('everything that is wrong is answered in the same words, with a line for who bans addresses', async () => {
  const { accountId } = await gateway.customer()
  const wrong = [
    { secret: `sk-${'a'.repeat(32)}` },
    { secret: 'nonsense' },
    { secret: `${adminToken}x` },
    { link: 'x'.repeat(43) },
    { account: accountId, password: 'no password is set' },
    { account: 'nobody', password: 'no such account' },
  ]
  const before = lines.length
  const answers: Answer[] = []
  for (const credentials of wrong) {
    const answer = await newBrowser(gateway).signIn(credentials)
    expect(answer.headers.getSetCookie()).toEqual([])
    answers.push(answer)
  }
  expect(answers.map(seen)).toEqual(wrong.map(() => refused))
  expect(new Set(answers.map(({ json }) => json.msg)).size).toBe(1)
  const logged = lines.slice(before).filter((line) => line.includes('key refused'))
  expect(logged).toHaveLength(wrong.length)
  expect(logged[0]).toMatch(/"ip":"127\.0\.0\.1","api":"console","shown":"wrong","msg":"key refused"\}\s*$/)
})

test('what is no way to sign in is refused by name, and a test key is told why', async () => {
  const both = await newBrowser(gateway).signIn({ secret: 'a', link: 'b' })
  expect(seen(both)).toEqual(failure({ type: 'invalid_request', status: 422 }))
  expect((await newBrowser(gateway).signIn({ account: 'a' })).status).toBe(422)
  const { accountId } = await gateway.customer()
  const { key } = (await gateway.operator('POST', `/accounts/${accountId}/keys`, { name: 't', test: true }))
    .json.data
  const answer = await newBrowser(gateway).signIn({ secret: key })
  expect(seen(answer)).toEqual(failure({ type: 'invalid_request', status: 422, field: 'secret' }))
})

test('a session is of use only where its key is', async () => {
  const { accountId } = await gateway.customer()
  const key = await keyOf(accountId, { cidrs: ['203.0.113.0/24'] })
  const answer = await newBrowser(gateway).signIn({ secret: key.key })
  expect(seen(answer)).toEqual(failure({ type: 'forbidden_address', status: 403 }))
  const there = newBrowser(gateway, { origin: gateway.url, 'x-forwarded-for': '203.0.113.9' })
  expect((await there.signIn({ secret: key.key })).status).toBe(200)
  const elsewhere = newBrowser(gateway)
  elsewhere.cookie = there.cookie
  expect([
    await opens(there),
    (await elsewhere.call('GET', '/console/api/v1/credits')).json.error.type,
  ]).toEqual([200, 'forbidden_address'])
})
