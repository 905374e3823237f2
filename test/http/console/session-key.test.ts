// The key that a customer signed in with: its own session reads it, and neither anybody else nor a copy of the store.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newToken } from '../../../src/sessions/tokens.ts'
import { keyShownTo } from '../../../src/sessions/shown-key.ts'
import { adminToken, startGateway } from '../../support/gateway.ts'
import type { Customer, Gateway } from '../../support/gateway.ts'
import { failure, seen } from '../expectations.ts'
import { newBrowser, signedIn } from './browser.ts'
import type { Browser } from './browser.ts'

const lines: string[] = []
let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway({ onLog: (line) => void lines.push(line) })
  customer = await gateway.customer()
})
afterAll(async () => await gateway.stop())

const ask = (browser: Browser) => browser.call('GET', '/console/session/key')
const shownTo = async (browser: Browser) => (await ask(browser)).json.data.key
const tokenOf = ({ cookie }: Browser) => cookie.split('=')[1] ?? ''
const linkOf = async (account: string) =>
  (await gateway.operator('POST', `/accounts/${account}/link`, {})).json.data.url.split('#/link/')[1]

test('the session that it opened reads it, and nothing keeps the answer', async () => {
  const browser = await signedIn(gateway, { secret: ` ${customer.key}\n` })
  const answer = await ask(browser)
  expect([answer.status, answer.json.data]).toEqual([200, { key: customer.key }])
  expect(answer.headers.get('cache-control')).toBe('no-store')
})

test('nobody else reads it: no stranger, no other session, no operator, nor who came by a link', async () => {
  const other = await gateway.customer()
  const browser = await signedIn(gateway, { secret: customer.key })
  expect(await shownTo(newBrowser(gateway))).toBeNull()
  expect(await shownTo(await signedIn(gateway, { secret: other.key }))).toBe(other.key)
  expect(await shownTo(await signedIn(gateway, { secret: adminToken }))).toBeNull()
  expect(await shownTo(await signedIn(gateway, { link: await linkOf(customer.accountId) }))).toBeNull()
  const stranger = newBrowser(gateway)
  stranger.cookie = `tollgate=${newToken()}`
  expect(await shownTo(stranger)).toBeNull()
  const bearing = await newBrowser(gateway).call('GET', '/console/session/key', undefined, {
    authorization: `Bearer ${customer.key}`,
  })
  expect(bearing.json.data).toEqual({ key: null })
  expect(await shownTo(browser)).toBe(customer.key)
})

test.each([
  { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { origin: 'null' },
  {},
])('a page of another site does not: %o', async (headers) => {
  const elsewhere = newBrowser(gateway, headers)
  elsewhere.cookie = (await signedIn(gateway, { secret: customer.key })).cookie
  const answer = await ask(elsewhere)
  expect(seen(answer)).toEqual(failure({ type: 'invalid_request', status: 403 }))
  expect(answer.text).not.toContain(customer.key)
})

test('the store alone does not open it, nor does another token, nor is it in the log', async () => {
  const browser = await signedIn(gateway, { secret: customer.key })
  const rows = await gateway.store.rows('SELECT * FROM sessions')
  const text = JSON.stringify(rows)
  for (const way of ['utf8', 'base64', 'base64url', 'hex'] as const)
    expect(text).not.toContain(Buffer.from(customer.key).toString(way))
  const { read } = gateway.app.ctx.db
  expect(await keyShownTo(read, tokenOf(browser))).toBe(customer.key)
  // Written into the row of a session whose token is known, it does not open either.
  const thief = await signedIn(gateway, { secret: (await gateway.customer()).key })
  const stolen = rows.find((row) => row['account_id'] === customer.accountId)?.['sealed_key']
  await gateway.app.ctx.db.transaction(async (tx) => {
    await tx.update(tx.tables.sessions).set({ sealedKey: String(stolen) })
  })
  expect(await shownTo(thief)).toBeNull()
  expect(lines.join('\n')).not.toContain(customer.key)
})

test('it is gone with the session, and with the key', async () => {
  const fresh = await gateway.customer()
  const browser = await signedIn(gateway, { secret: fresh.key })
  const [left, revoked] = [browser.cookie, await signedIn(gateway, { secret: fresh.key })]
  expect((await browser.call('DELETE', '/console/session')).status).toBe(204)
  const late = newBrowser(gateway)
  late.cookie = left
  expect(await shownTo(late)).toBeNull()
  expect(await keyShownTo(gateway.app.ctx.db.read, tokenOf(late))).toBeNull()
  expect(await shownTo(revoked)).toBe(fresh.key)
  const { id } = (await gateway.operator('GET', `/accounts/${fresh.accountId}/keys`)).json.data.keys[0]
  expect((await gateway.operator('DELETE', `/keys/${id}`)).status).toBe(200)
  expect(await shownTo(revoked)).toBeNull()
  expect(await keyShownTo(gateway.app.ctx.db.read, tokenOf(revoked))).toBeNull()
})

test('a customer who revokes the key leaves nothing of it in the store', async () => {
  const fresh = await gateway.customer()
  const browser = await signedIn(gateway, { secret: fresh.key })
  const [{ id }] = (await browser.call('GET', '/console/api/v1/keys')).json.data.keys
  expect((await browser.call('DELETE', `/console/api/v1/keys/${id}`)).status).toBe(200)
  expect(await keyShownTo(gateway.app.ctx.db.read, tokenOf(browser))).toBeNull()
})

test('whoever types its address sees no key', async () => {
  const browser = await signedIn(gateway, { secret: customer.key })
  const headers = { cookie: browser.cookie, 'sec-fetch-site': 'none' }
  const answer = await gateway.call('GET', '/console/session/key', { headers })
  expect(answer.json.data).toEqual({ key: null })
})
