// A model of two upstreams: while the first is out of order its orders take the second, none twice, at their price.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { ledgerAddsUp } from '../tasks/order.ts'

let first: Sandbox
let gateway: Gateway
let customer: Customer

const image = 'operation: image_generate, params: { module: pro }'
const yamlOf = ({
  baseUrl,
  key,
  pause,
}: {
  baseUrl: string
  key: string
  pause: string
}) => `${quickYaml.replace(
  'upstreams:',
  `upstreams:
  first:
    base_url: ${baseUrl}
    api_key: ${key}
    submit: { queue_for: 5m, timeout: 30s, attempts: 3, after_429: 100ms, after_5xx: ${pause}, ambiguous: retry }
    image: { poll_every: 30ms, give_up_after: 5m }
    video: { poll_every: 30ms, give_up_after: 5m }`,
)}
models:
  both: { name: Both, price: { credits: 10 }, routes: [{ upstream: first, ${image} }, { upstream: keevx, ${image} }] }
  one: { name: One, price: { credits: 10 }, routes: [{ upstream: first, ${image} }] }
  unlike:
    name: Unlike
    price: { credits: 10 }
    routes:
      - { upstream: first, operation: image_to_video, params: { model: V } }
      - { upstream: keevx, operation: image_to_video, params: { model: KL } }
`

async function open({ baseUrl = first.baseUrl, key = 'first-key', pause = '50ms' } = {}): Promise<void> {
  gateway = await startGateway({ yaml: yamlOf({ baseUrl, key, pause }) })
  customer = await gateway.customer(10_000)
}

beforeEach(async () => {
  first = await startSandbox({ apiKey: 'first-key', imageMs: 30, videoMs: 30, callbacks: false })
})
afterEach(async () => {
  await ledgerAddsUp(gateway)
  await gateway.stop()
  await first.close()
})

const create = async (model_id: string, rest: object = {}): Promise<string[]> =>
  (await customer.create({ model_id, prompt: 'a heron', ...rest })).json.data.task_ids

const made = () => [first.submissions.length, gateway.sandbox.submissions.length]

/** Orders one after another, until one was made by the second. */
async function untilPassedOver(): Promise<number> {
  let ordered = 0
  await until(
    async () => {
      const [id = ''] = await create('both')
      ordered += 1
      expect(await customer.ended(id)).toMatchObject({ task_status: 3, credits: 10 })
      return gateway.sandbox.submissions.length
    },
    (count) => count > 0,
  )
  return ordered
}

test('while the first works it has every order', async () => {
  await open()
  for (const id of [...(await create('both', { generate_count: 3 })), ...(await create('both'))]) {
    expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  }
  expect(made()).toEqual([2, 0])
})

test('a first that nothing connects to: what waits for it and what comes then is made by the second', async () => {
  const { baseUrl } = first
  await first.close()
  await open({ baseUrl })
  const ids = (await Promise.all(Array.from({ length: 30 }, () => create('both')))).flat()
  for (const id of ids) expect(await customer.ended(id)).toMatchObject({ task_status: 3, credits: 10 })
  expect(gateway.sandbox.submissions).toHaveLength(30)
  expect(await customer.balance()).toBe(10_000 - 300)
  const { text } = await gateway.call('GET', '/metrics')
  expect(text).toMatch(/^tollgate_orders_passed_over_total\{from="first",to="keevx"\} [1-9]\d*$/m)
})

test('a first that refuses our key', async () => {
  await open({ key: 'another-key' })
  await untilPassedOver()
  const [id = ''] = await create('both')
  expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  expect(first.submissions).toHaveLength(0)
})

test('a first where our credits are used up, and that has some again', async () => {
  await open()
  first.always('submit', { kind: 'status', status: 402, body: { code: 402, msg: 'pay first' } })
  const others = await Promise.all([gateway.customer(), gateway.customer(), gateway.customer()])
  const ids = await Promise.all(
    others.map(async (one) => ({
      one,
      id: (await one.create({ model_id: 'both', prompt: 'a heron' })).json.data.task_id as string,
    })),
  )
  for (const { one, id } of ids) expect(await one.ended(id)).toMatchObject({ task_status: 3 })
  expect(made()).toEqual([0, 3])
  first.always('submit', null)
  await until(
    async () => {
      const [id = ''] = await create('both')
      await customer.ended(id)
      return first.submissions.length
    },
    (count) => count > 0,
  )
})

test('an order without another route that takes the same waits, and none goes where it would be another', async () => {
  const { baseUrl } = first
  await first.close()
  await open({ baseUrl })
  const [only = ''] = await create('one')
  // Text alone, eight seconds: the other route takes neither.
  const [film = ''] = await create('unlike', { duration: 8 })
  await untilPassedOver()
  for (const id of [only, film]) expect((await customer.task(id)).task_status).toBe(1)
})

test('an order whose answer was lost is not ordered elsewhere', async () => {
  await open({ pause: '5m' })
  first.script('submit', { kind: 'reset_after_accept' })
  const [id = ''] = await create('both', { prompt: 'perhaps made' })
  const attempts = () => gateway.store.rows<{ state: string }>('SELECT state FROM attempts')
  await until(attempts, ([one]) => one?.state === 'ambiguous')
  await first.close()
  await untilPassedOver()
  // Whatever was passed over with the first of them is posted before these.
  for (let later = 0; later < 3; later += 1) await customer.ended((await create('both'))[0] ?? '')
  const [request] = await gateway.store.rows('SELECT upstream FROM requests ORDER BY id LIMIT 1')
  expect(request).toEqual({ upstream: 'first' })
  expect((await customer.task(id)).task_status).toBeLessThan(3)
  expect(gateway.sandbox.submissions.map(({ body }) => body['prompt'])).not.toContain('perhaps made')
})
