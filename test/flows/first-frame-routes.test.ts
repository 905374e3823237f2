// Each step of an order takes another route of its own model while the upstream of its first route is out of order.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { inspect, ledgerAddsUp } from '../tasks/order.ts'

const image = 'operation: image_generate, params: { module: std }'
const video = 'operation: image_to_video, params: { model: KL }'
const yamlOf = (baseUrl: string) => `${quickYaml.replace(
  'upstreams:',
  `upstreams:
  first:
    base_url: ${baseUrl}
    api_key: first-key
    submit: { queue_for: 5m, timeout: 30s, attempts: 3, after_429: 100ms, after_5xx: 50ms, ambiguous: retry }
    image: { poll_every: 30ms, give_up_after: 5m }
    video: { poll_every: 30ms, give_up_after: 5m }`,
)}
models:
  painter: { name: P, price: { credits: 10 }, routes: [{ upstream: first, ${image} }, { upstream: keevx, ${image} }] }
  film: { name: F, price: { per_second: 2 }, routes: [{ upstream: first, ${video} }, { upstream: keevx, ${video} }], compose: first_frame }
`

let first: Sandbox
let gateway: Gateway
let customer: Customer
beforeEach(async () => {
  first = await startSandbox({ apiKey: 'first-key', imageMs: 30, videoMs: 30, callbacks: false })
  gateway = await startGateway({ yaml: yamlOf(first.baseUrl) })
  customer = await gateway.customer(10_000)
})
afterEach(async () => {
  await ledgerAddsUp(gateway)
  await gateway.stop()
  await first.close()
})

const refusesOurKey = { kind: 'status', status: 401, body: { code: 401, msg: 'invalid token' } } as const
const order = async () =>
  (await customer.create({ model_id: 'film', prompt: 'a heron' })).json.data.task_id as string
const operations = ({ submissions }: Sandbox) => submissions.map(({ operation }) => operation)

test('both steps are made elsewhere when the first upstream refuses our key, at the same price', async () => {
  first.always('submit', refusesOurKey)
  const ids = [await order(), await order(), await order()]
  for (const id of ids) expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  expect(first.submissions).toEqual([])
  expect(operations(gateway.sandbox).filter((each) => each === 'image_generate')).toHaveLength(3)
  expect(await customer.balance()).toBe(10_000 - 60)
})

test('a video is made elsewhere of the frame that the first upstream has made', async () => {
  first.always('query', { kind: 'status', status: 503 })
  const id = await order()
  await until(
    () => operations(first),
    ({ length }) => length === 1,
  )
  first.always('submit', refusesOurKey)
  first.always('query', null)
  expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  expect(operations(first)).toEqual(['image_generate'])
  const [frame, film] = (await inspect(gateway, id)).steps
  expect([frame.upstream, film.upstream]).toEqual(['first', 'keevx'])
  expect(gateway.sandbox.submissions.at(-1)?.body).toMatchObject({ reference_images: [frame.image_url] })
  // The order itself stays as it was charged: its owner gave no image.
  expect((await inspect(gateway, id)).request.order.imageUrls).toEqual([])
})
