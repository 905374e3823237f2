// A tollgate before a tollgate: the outer one orders from the inner one as from Keevx; each order is made once.
import { createServer, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { quickYaml, startGateway, until } from '../../../support/gateway.ts'
import type { Customer, Gateway } from '../../../support/gateway.ts'
import { freePort } from '../../../support/port.ts'
import { receiverYaml } from '../../../support/receiver.ts'

const innerYaml = quickYaml + receiverYaml()
/** It polls more rarely than anything takes: the inner one's callbacks tell it of an end, in Keevx's form. */
const outerYaml = innerYaml.replaceAll('poll_every: 30ms', 'poll_every: 1s')

interface Chain {
  readonly inner: Gateway
  /** The account of the outer one at the inner one. */
  readonly reseller: Customer
  readonly outer: Gateway
  readonly line: Line
  stop(): Promise<void>
}

let chain: Chain
let customer: Customer
beforeAll(async () => {
  chain = await startChain()
})
beforeEach(async () => {
  customer = await chain.outer.customer(1_000)
})
afterAll(async () => await chain.stop())

test('an order goes through both, and its result and its costs arrive', async () => {
  const { inner, reseller } = chain
  const before = inner.sandbox.submissions.length
  const atInner = await reseller.balance()
  const order = { model_id: 'gpt-image-2', prompt: 'a heron', generate_count: 2, resolution: '4K' }
  const { task_ids: ids } = (await customer.create(order)).json.data
  for (const id of ids) {
    const task = await customer.ended(id)
    expect(task).toMatchObject({ task_status: 3, image_url: expect.stringMatching(/^http/), credits: 30 })
  }
  expect(inner.sandbox.submissions.slice(before).map(({ body }) => body)).toMatchObject([
    { prompt: 'a heron', module: 'pro', generate_count: 2, image_quality: '4K' },
  ])
  expect(await customer.balance()).toBe(940)
  expect(atInner - (await reseller.balance())).toBe(60)
  const { text } = await chain.outer.call('GET', '/metrics')
  expect(text, 'callbacks that made a task due').toMatch(/callbacks_total\{outcome="due"\} [1-9]/)
})

test('so does a video, with its measures', async () => {
  const { task_id: id } = (
    await customer.create({
      model_id: 'keevx-s',
      prompt: 'waves',
      image_urls: ['https://example.com/a.png'],
      duration: 4,
    })
  ).json.data
  expect(await customer.ended(id)).toMatchObject({
    task_status: 3,
    video_url: expect.stringMatching(/^http/),
    duration: 4,
    width: expect.any(Number),
  })
})

test('a failure is refunded at both, exactly once, with the words of the first to know', async () => {
  const { reseller } = chain
  const atInner = await reseller.balance()
  const { task_id: id } = (await customer.create({ model_id: 'gpt-image-2', prompt: 'to fail' })).json.data
  expect(await customer.ended(id)).toMatchObject({
    task_status: 4,
    credits_refunded: 15,
    error_message: expect.stringContaining('content policy'),
  })
  expect(await customer.balance()).toBe(1_000)
  expect(await reseller.balance()).toBe(atInner)
})

test('what the inner one does not sell is refused there, and refunded at the outermost', async () => {
  const { inner } = chain
  const before = inner.sandbox.submissions.length
  const { task_id: id } = (await customer.create({ model_id: 'extra', prompt: 'a film' })).json.data
  expect(await customer.ended(id)).toMatchObject({ task_status: 4, credits_refunded: 20 })
  expect(inner.sandbox.submissions).toHaveLength(before)
  expect(await customer.balance()).toBe(1_000)
})

test('an answer that is lost on the way is asked for again, and nothing is ordered twice', async () => {
  const { inner, reseller, line } = chain
  const before = inner.sandbox.submissions.length
  const atInner = await reseller.balance()
  line.loseAnswers(2)
  const { task_id: id } = (await customer.create({ model_id: 'nano-banana-2', prompt: 'lost' })).json.data
  expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  expect(line.lost()).toBe(2)
  expect(inner.sandbox.submissions).toHaveLength(before + 1)
  expect(atInner - (await reseller.balance())).toBe(10)
  expect(await customer.balance()).toBe(990)
})

test('while the inner one has too many open tasks, orders wait, and each is made once', async () => {
  const { inner, reseller } = chain
  const before = inner.sandbox.submissions.length
  const limit = async (limits: object) =>
    await inner.operator('PATCH', `/accounts/${reseller.accountId}`, { limits })
  await limit({ tasks_in_flight: 1 })
  const ids: string[] = []
  for (const prompt of ['one', 'two', 'three', 'four'])
    ids.push((await customer.create({ model_id: 'nano-banana-2', prompt })).json.data.task_id)
  for (const id of ids) expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  await limit({ tasks_in_flight: 'off' })
  expect(inner.sandbox.submissions).toHaveLength(before + 4)
  expect(await customer.balance()).toBe(960)
})

test('an inner one that restarts loses no order and makes none twice', async () => {
  const { inner, reseller } = chain
  const before = inner.sandbox.submissions.length
  const atInner = await reseller.balance()
  const ids: string[] = []
  const order = async (prompt: string) =>
    ids.push((await customer.create({ model_id: 'nano-banana-2', prompt })).json.data.task_id)
  await Promise.all(['a', 'b', 'c'].map(order))
  const restarted = inner.restart()
  await Promise.all(['d', 'e', 'f'].map(order))
  await restarted
  for (const id of ids) expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  const prompts = inner.sandbox.submissions.slice(before).map(({ body }) => body['prompt'])
  expect(prompts.map(String).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  expect(atInner - (await reseller.balance())).toBe(60)
  expect(await customer.balance()).toBe(940)
})

test('out of credits at the inner one: nothing is ordered, and the order goes on after a grant', async () => {
  const poor = await startChain(0)
  try {
    const mine = await poor.outer.customer()
    const { task_id: id } = (await mine.create({ model_id: 'nano-banana-2', prompt: 'later' })).json.data
    await until(
      () => poor.line.answers.filter((status) => status === 402).length,
      (count) => count > 0,
    )
    expect(poor.inner.sandbox.submissions).toHaveLength(0)
    expect((await mine.task(id)).task_status).toBe(1)
    const { accountId } = poor.reseller
    await poor.inner.operator('POST', `/accounts/${accountId}/credits`, { amount: 100, note: 'top-up' })
    expect(await mine.ended(id)).toMatchObject({ task_status: 3 })
    expect(poor.inner.sandbox.submissions).toHaveLength(1)
  } finally {
    await poor.stop()
  }
})

interface Line {
  readonly url: string
  /** The statuses of the answers to orders. */
  readonly answers: number[]
  /** Cuts the connection of the next orders once the inner one has answered them. */
  loseAnswers(count: number): void
  lost(): number
  close(): Promise<void>
}

async function startChain(credits = 100_000): Promise<Chain> {
  const inner = await startGateway({
    yaml: `${innerYaml}models: { ${models.slice(0, -1).join(', ')} }\n`,
    env: { PORT: String(await freePort()) },
  })
  const reseller = await inner.customer(credits)
  const line = await startLine(inner.url)
  const outerPort = await freePort()
  const outer = await startGateway({
    yaml: `${outerYaml}models: { ${models.join(', ')} }\n`,
    upstreamUrl: `${line.url}/keevx/v1`,
    env: {
      KEEVX_API_KEY: reseller.key,
      PORT: String(outerPort),
      PUBLIC_URL: `http://127.0.0.1:${outerPort}`,
    },
  })
  return {
    inner,
    reseller,
    outer,
    line,
    async stop() {
      await outer.stop()
      await line.close()
      await inner.stop()
    },
  }
}

/** The inner one does not sell the last. */
const models = [
  'gpt-image-2: { name: G, price: { credits: 15, times: { resolution: { 4K: 2 } } }, routes: [{ upstream: keevx, operation: image_generate, params: { module: pro } }] }',
  'nano-banana-2: { name: N, price: { credits: 10 }, routes: [{ upstream: keevx, operation: image_generate, params: { module: std } }] }',
  'keevx-s: { name: S, price: { credits: 50 }, routes: [{ upstream: keevx, operation: image_to_video, params: { model: S } }] }',
  'extra: { name: E, price: { credits: 20 }, routes: [{ upstream: keevx, operation: image_to_video, params: { model: V } }] }',
]

/** What stands between the two: it loses answers. */
async function startLine(target: string): Promise<Line> {
  const answers: number[] = []
  let toLose = 0
  let lost = 0
  const server = createServer((incoming, outgoing) => {
    const { method, url = '', headers } = incoming
    const onward = ask(`${target}${url}`, { method, headers }, (answer) => {
      if (method === 'POST') answers.push(answer.statusCode ?? 0)
      if (method === 'POST' && toLose > 0) {
        toLose -= 1
        lost += 1
        answer.resume()
        return void incoming.socket.destroy()
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => incoming.socket.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    loseAnswers(count) {
      toLose = count
      lost = 0
    },
    lost: () => lost,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
