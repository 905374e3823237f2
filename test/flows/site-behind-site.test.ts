// A gateway that orders from another: work, failures and credits arrive at the outermost customer, and nothing is ordered twice.
import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { quickYaml, startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { ledgerAddsUp } from '../tasks/order.ts'

let inner: Gateway
let outer: Gateway
/** The outer gateway's account at the inner one. */
let account: Customer
let customer: Customer
/** How many answers to creates are swallowed from now on. */
let swallowed = 0
let posts = 0

/** Stands between both, and may keep the answer to a create for itself. */
const between = createServer((asked, answered) => {
  const { port } = new URL(inner.url)
  const { method, headers, url: path = '' } = asked
  const isCreate = method === 'POST' && path.endsWith('/tasks/create')
  if (isCreate) posts += 1
  const through = forward({ host: '127.0.0.1', port, path, method, headers }, (response) => {
    if (isCreate && swallowed > 0) {
      swallowed -= 1
      response.resume().on('end', () => asked.socket.destroy())
      return
    }
    answered.writeHead(response.statusCode ?? 500, response.headers)
    response.pipe(answered)
  })
  through.on('error', () => asked.socket.destroy())
  asked.pipe(through)
})

beforeAll(async () => {
  inner = await startGateway()
  account = await inner.customer(1_000)
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(between.address() as AddressInfo).port}/api/v1`
  const yaml = `${quickYaml.replace(
    'upstreams:',
    `upstreams:\n  site:
    adapter: openapi
    base_url: ${url}
    api_key: ${account.key}
    submit: { queue_for: 5m, timeout: 30s, attempts: 3, after_429: 100ms, after_5xx: 50ms, ambiguous: retry }
    image: { poll_every: 30ms, give_up_after: 5m }
    video: { poll_every: 30ms, give_up_after: 5m }`,
  )}
network: { allow_hosts: [127.0.0.1] }
models:
  painter:
    name: Painter
    price: { credits: 40 }
    routes: [{ upstream: site, operation: create, params: { model_id: gpt-image-2 } }]
`
  outer = await startGateway({ yaml })
})
afterAll(async () => {
  await outer.stop()
  await inner.stop()
  between.closeAllConnections()
  between.close()
})
beforeEach(async () => {
  customer = await outer.customer(1_000)
  posts = 0
})

const submissions = () => inner.sandbox.submissions.length
const create = async (prompt: string, count = 1) =>
  (await customer.create({ model_id: 'painter', prompt, generate_count: count })).json.data

test('a picture is ordered once at each, charged once at each, and arrives', async () => {
  const [before, spent] = [submissions(), await account.balance()]
  const { task_ids: ids } = await create('two herons', 2)
  for (const id of ids) {
    expect(await customer.ended(id)).toMatchObject({
      task_status: 3,
      model_id: 'painter',
      credits: 40,
      image_url: expect.stringMatching(/^http/),
    })
  }
  expect(submissions() - before).toBe(1)
  expect(await customer.balance()).toBe(920)
  expect(spent - (await account.balance())).toBe(30)
})

test('a failure comes back with the credits, at both', async () => {
  const spent = await account.balance()
  const { task_id: id } = await create('fail')
  expect(await customer.ended(id)).toMatchObject({ task_status: 4, credits_refunded: 40 })
  expect(await customer.balance()).toBe(1_000)
  expect(await account.balance()).toBe(spent)
})

test('an answer that is lost costs nothing: the order is posted again under its key, and made once', async () => {
  const [before, spent] = [submissions(), await account.balance()]
  swallowed = 2
  const { task_ids: ids } = await create('a lost answer', 3)
  for (const id of ids) expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  expect([posts, submissions() - before]).toEqual([3, 1])
  expect(spent - (await account.balance())).toBe(45)
  await ledgerAddsUp(outer)
  await ledgerAddsUp(inner)
})

test('what the site refuses is refunded with its reason', async () => {
  // A host that the outer gateway may name, and the inner one may not.
  const { data } = (
    await customer.create({
      model_id: 'painter',
      prompt: 'a heron',
      image_urls: [`${inner.url}/private.png`],
    })
  ).json
  const ended = await customer.ended(data.task_id)
  expect(ended).toMatchObject({ task_status: 4, credits_refunded: 40 })
  expect(ended.error_message).not.toMatch(/127\.0\.0\.1|inner|site/)
})

test('no credits there: an order fails with its credits back, and the next works when there are some', async () => {
  const balance = await account.balance()
  await inner.operator('POST', `/accounts/${account.accountId}/credits`, { amount: -balance, note: 'spent' })
  const { task_id: id } = await create('a heron that cannot be paid')
  expect(await customer.ended(id)).toMatchObject({ task_status: 4, credits_refunded: 40 })
  await inner.operator('POST', `/accounts/${account.accountId}/credits`, { amount: balance, note: 'paid' })
  const { task_id: next } = await create('a heron that can')
  expect(await customer.ended(next)).toMatchObject({ task_status: 3 })
  await ledgerAddsUp(outer)
})
