// Links and passwords: what they open, how often, and for whom.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../../support/gateway.ts'
import type { Customer, Gateway } from '../../support/gateway.ts'
import { failure, seen } from '../expectations.ts'
import { newBrowser, signedIn } from './browser.ts'
import type { Browser } from './browser.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ yaml: quickYaml })
})
afterAll(async () => await gateway.stop())

const refused = failure({ type: 'unauthorized', status: 401 })
const opens = async (browser: Browser) => (await browser.call('GET', '/console/api/v1/credits')).status
const makeLink = async ({ accountId }: Customer, body = {}) =>
  await gateway.operator('POST', `/accounts/${accountId}/link`, body)
const tokenOf = (url: string) => url.split('/').at(-1) ?? ''

async function newLink(customer: Customer): Promise<string> {
  return tokenOf((await makeLink(customer)).json.data.url)
}

const keysOf = async ({ accountId }: Customer): Promise<{ id: string; name: string }[]> =>
  (await gateway.operator('GET', `/accounts/${accountId}/keys`)).json.data.keys

test('a link opens one session, which acts as a key that nobody has', async () => {
  const customer = await gateway.customer(100)
  const made = await makeLink(customer, { for: '2h' })
  expect(made.status).toBe(201)
  const { url, expires_at: expiresAt } = made.json.data
  expect(url).toMatch(new RegExp(`^${gateway.url}/console/#/link/[0-9A-Za-z]{43}$`))
  expect(Math.abs(expiresAt - Date.now() / 1_000 - 7_200)).toBeLessThan(60)
  const browser = newBrowser(gateway)
  const answer = await browser.signIn({ link: tokenOf(url) })
  expect(answer.json.data).toMatchObject({
    account: { id: customer.accountId },
    key: { name: 'console' },
    opened_by: 'link',
    has_password: false,
    may: { make_keys: true, set_password: true },
  })
  expect(seen(await newBrowser(gateway).signIn({ link: tokenOf(url) }))).toEqual(refused)
  const order = { model_id: 'gpt-image-2', prompt: 'a garden' }
  expect((await browser.call('POST', '/console/api/v1/tasks/create', order)).json.code).toBe(200)
  const { rows } = (await browser.call('GET', '/console/api/v1/usage?group=key')).json.data
  expect(rows).toMatchObject([{ charged: 15 }])
  // Once for the account, not for each session.
  await signedIn(gateway, { link: await newLink(customer) })
  expect((await keysOf(customer)).map(({ name }) => name)).toEqual(['test', 'console'])
})

test('of a hundred that bring one link at once, one is signed in', async () => {
  const customer = await gateway.customer()
  const link = await newLink(customer)
  const answers = await Promise.all(
    Array.from({ length: 100 }, async () => await newBrowser(gateway).signIn({ link })),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(99)
  expect((await keysOf(customer)).filter(({ name }) => name === 'console')).toHaveLength(1)
})

test('reading a link uses nothing up; an expired one, and one of a suspended account, opens nothing', async () => {
  const customer = await gateway.customer()
  const [read, expired, voided] = [await newLink(customer), await newLink(customer), await newLink(customer)]
  await gateway.call('GET', `/console/session?link=${read}`)
  await gateway.call('HEAD', '/console/session')
  expect((await newBrowser(gateway).signIn({ link: read })).status).toBe(200)
  const hash = createHash('sha256').update(expired).digest('hex')
  await gateway.store.write(`UPDATE sign_in_links SET expires_at = 1 WHERE hash = '${hash}'`)
  expect(seen(await newBrowser(gateway).signIn({ link: expired }))).toEqual(refused)
  const set = async (status: string) =>
    await gateway.operator('PATCH', `/accounts/${customer.accountId}`, { status })
  await set('suspended')
  expect(seen(await makeLink(customer))).toEqual(
    failure({ type: 'invalid_request', status: 409, field: 'id' }),
  )
  await set('active')
  expect(seen(await newBrowser(gateway).signIn({ link: voided }))).toEqual(refused)
})

test('the store has no token of a link, and an account has twenty at most', async () => {
  const customer = await gateway.customer()
  const token = await newLink(customer)
  expect((await gateway.store.bytes()).includes(token)).toBe(false)
  const answers = []
  for (let at = 0; at < 20; at += 1) answers.push((await makeLink(customer)).status)
  expect([answers.slice(0, 19), answers[19]]).toEqual([Array.from({ length: 19 }, () => 201), 409])
  for (const wrong of ['0h', '31d', '721h', 'soon'])
    expect((await makeLink(customer, { for: wrong })).status).toBe(422)
})

test('when its key is revoked, a session of a link ends, and the next one has another key', async () => {
  const customer = await gateway.customer()
  const browser = await signedIn(gateway, { link: await newLink(customer) })
  const { key } = await browser.session()
  await gateway.operator('DELETE', `/keys/${key.id}`)
  expect(await opens(browser)).toBe(401)
  const next = await signedIn(gateway, { link: await newLink(customer) })
  expect((await next.session()).key.id).not.toBe(key.id)
  expect(await opens(next)).toBe(200)
})

test('a password signs in by id or name, and setting it ends the other sessions', async () => {
  const customer = await gateway.customer()
  const name = `Atelier ${customer.accountId.slice(-8)}`
  await gateway.store.write(`UPDATE accounts SET name = '${name}' WHERE id = '${customer.accountId}'`)
  const [browser, other] = [
    await signedIn(gateway, { link: await newLink(customer) }),
    await signedIn(gateway, { secret: customer.key }),
  ]
  const set = async (password: string) => await browser.call('PUT', '/console/password', { password })
  expect((await set('too short')).status).toBe(422)
  expect((await set('a long password')).status).toBe(204)
  expect([await opens(browser), await opens(other)]).toEqual([200, 401])
  expect((await browser.session()).has_password).toBe(true)
  for (const account of [customer.accountId, name]) {
    const typed = newBrowser(gateway)
    const answer = await typed.signIn({ account, password: 'a long password' })
    expect(answer.json.data).toMatchObject({ opened_by: 'password', key: { name: 'console' } })
    const wrong = await newBrowser(gateway).signIn({ account, password: 'a long passwort' })
    expect(seen(wrong)).toEqual(refused)
  }
  expect((await gateway.store.bytes()).includes('a long password')).toBe(false)
  const [{ password_hash: hash } = {}] = await gateway.store.rows(
    `SELECT password_hash FROM console_access WHERE account_id = '${customer.accountId}'`,
  )
  expect(hash).toMatch(/^scrypt\$32768\$8\$1\$[\w+/=]{24}\$[\w+/=]{44}$/)
  await set('another password')
  expect(
    seen(await newBrowser(gateway).signIn({ account: customer.accountId, password: 'a long password' })),
  ).toEqual(refused)
  await gateway.operator('PATCH', `/accounts/${customer.accountId}`, { status: 'suspended' })
  const suspended = async (password: string) =>
    await newBrowser(gateway).signIn({ account: customer.accountId, password })
  expect((await suspended('another password')).status).toBe(403)
  expect(seen(await suspended('a wrong password'))).toEqual(refused)
})

test('who has only shown a key sets no password: it would open what the key does not', async () => {
  const { key } = await gateway.customer()
  const browser = await signedIn(gateway, { secret: key })
  const answer = await browser.call('PUT', '/console/password', { password: 'a long password' })
  expect(seen(answer)).toEqual(failure({ type: 'unauthorized', status: 403 }))
})

test('passwords are guessed ten times for an account, whether there is one or not', async () => {
  const { accountId } = await gateway.customer()
  const guess = async (account: string) =>
    (await newBrowser(gateway).signIn({ account, password: 'a guess' })).status
  for (const account of [accountId, 'nobody at all']) {
    const statuses = await Promise.all(Array.from({ length: 12 }, () => account).map(guess))
    const counts = [401, 429].map((status) => statuses.filter((each) => each === status).length)
    expect(counts).toEqual([10, 2])
  }
})
