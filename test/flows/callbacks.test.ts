// Orders that only callbacks can bring home in time: the sandbox calls over loopback, and polls are minutes away.
import { afterEach, describe, expect, test } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway, GatewayOptions } from '../support/gateway.ts'
import { freePort } from '../support/port.ts'
import { inspect, ledgerAddsUp, order, queriesTo, submitsTo } from '../tasks/order.ts'

/** Of submits that a test leaves without an answer; the others may take their time. */
const soon = 'timeout: 400ms'
const yaml = (submit = 'timeout: 1m', image = 'poll_every: 10m, give_up_after: 20m') => `
media: { store: none }
upstreams:
  keevx:
    adapter: keevx
    submit: { attempts: 3, after_5xx: 10s, ${submit} }
    image: { ${image} }
    video: { poll_every: 10m, give_up_after: 20m }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`

let gateway: Gateway
let customer: Customer
async function start(options: GatewayOptions = {}): Promise<void> {
  const port = await freePort()
  const env = { PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}` }
  gateway = await startGateway({ yaml: yaml(), env, ...options })
  customer = await gateway.customer(100_000)
}
afterEach(async () => {
  await ledgerAddsUp(gateway)
  await gateway.stop()
})

test('pictures, a video and a failure are settled by their callbacks alone, with one look each', async () => {
  await start({ sandbox: { imageMs: 500, videoMs: 500 } })
  const pictures = await order(customer, 8)
  const [failing = ''] = await order(customer, 1, 'this shall fail')
  const video = (await customer.create({ model_id: 'keevx-v', prompt: 'waves' })).json.data.task_id
  const made = await Promise.all([...pictures, video].map((id) => customer.ended(id)))
  expect(made.map((task) => task.task_status)).toEqual(Array(9).fill(3))
  expect(made.at(-1)).toMatchObject({ task_type: 'video', video_url: expect.stringContaining('.mp4') })
  expect(await customer.ended(failing)).toMatchObject({ task_status: 4, credits_refunded: 15 })
  expect(queriesTo(gateway)).toBe(9)
  const { text } = await gateway.call('GET', '/metrics')
  const heard = [...text.matchAll(/tollgate_callbacks_total\{outcome="(?:due|kept)"\} (\d+)/g)]
  expect(heard.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(10)
})

test('a callback that comes before the answer to its submit settles its task when that comes', async () => {
  await start({ sandbox: { imageMs: 20 } })
  gateway.sandbox.script('submit', { kind: 'delay_after_accept', ms: 250 })
  const [id = ''] = await order(customer)
  expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  expect((await gateway.call('GET', '/metrics')).text).toMatch(
    /tollgate_callback_hints_total\{upstream="keevx",finding="due"\} 1/,
  )
  expect(gateway.sandbox.submissions).toHaveLength(1)
})

test.each([
  ['no answer in time', 'retry', { kind: 'hang_after_accept' }],
  ['an answer that breaks off', 'retry', { kind: 'truncate' }],
  ['where ambiguous is wait, a broken connection', 'wait', { kind: 'reset_after_accept' }],
] as const)(
  '%s: its callbacks bring home all of the order, posted once',
  async (_name, ambiguous, answer) => {
    await start({ yaml: yaml(`${soon}, ambiguous: ${ambiguous}`), sandbox: { imageMs: 700 } })
    gateway.sandbox.script('submit', answer)
    const ids = await order(customer, 3)
    const tasks = await Promise.all(ids.map((id) => customer.ended(id)))
    expect(tasks.map((task) => task.task_status)).toEqual([3, 3, 3])
    expect(new Set(tasks.map((task) => task.image_url)).size).toBe(3)
    expect(await customer.balance()).toBe(100_000 - 45)
    expect(submitsTo(gateway)).toBe(1)
  },
)

test('where ambiguous is retry, the work of a broken attempt is recorded, and the order made and paid once', async () => {
  await start({ sandbox: { imageMs: 3_600_000 } })
  gateway.sandbox.script('submit', { kind: 'reset_after_accept' })
  const [id = ''] = await order(customer)
  const { attempts } = await until(
    () => inspect(gateway, id),
    (seen) => seen.attempts.at(-1)?.state === 'accepted',
  )
  expect(attempts.map(({ state }: { state: string }) => state)).toEqual(['ambiguous', 'accepted'])
  expect(gateway.sandbox.submissions).toHaveLength(2)
  for (const { taskIds } of gateway.sandbox.submissions) gateway.sandbox.finish(taskIds[0] ?? '', 'SUCCEEDED')
  expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  const { orphans } = await until(
    async () => (await gateway.operator('GET', '/stats')).json.data,
    (stats) => stats.orphans.late_success === 1,
  )
  expect(orphans).toEqual({ late_success: 1 })
  expect(await customer.balance()).toBe(100_000 - 15)
})

test('work of an order that was given up is recorded when its callback comes, and nobody pays', async () => {
  const short = yaml(soon, 'poll_every: 100ms, give_up_after: 100ms')
  await start({ yaml: short, sandbox: { imageMs: 3_600_000 } })
  gateway.sandbox.script('submit', { kind: 'hang_after_accept' })
  const [lost = ''] = await order(customer)
  const [slow = ''] = await order(customer)
  for (const id of [lost, slow]) expect(await customer.ended(id)).toMatchObject({ task_status: 4 })
  for (const { taskIds } of gateway.sandbox.submissions) gateway.sandbox.finish(taskIds[0] ?? '', 'SUCCEEDED')
  const { orphans } = await until(
    async () => (await gateway.operator('GET', '/stats')).json.data,
    (stats) => stats.orphans.late_success === 2,
  )
  expect(orphans).toEqual({ late_success: 2 })
  for (const id of [lost, slow]) expect(await customer.task(id)).toMatchObject({ task_status: 4 })
  expect(await customer.balance()).toBe(100_000)
})

test('after a restart the callbacks of tasks that were ordered before are heard', async () => {
  await start({ sandbox: { imageMs: 3_600_000 } })
  const [id = ''] = await order(customer)
  await until(
    () => inspect(gateway, id),
    ({ state }) => state === 'running',
  )
  await gateway.restart()
  gateway.sandbox.finish(gateway.sandbox.submissions[0]?.taskIds[0] ?? '', 'SUCCEEDED')
  expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
})

describe('while the clock stands still, and no loop looks around by itself,', () => {
  const stood = () => start({ clock: manualClock(), sandbox: { imageMs: 60 } })

  test('a callback for a task that runs is acted upon', async () => {
    await stood()
    const [id = ''] = await order(customer)
    expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  })

  test('one that came before the answer is, once that is there', async () => {
    await stood()
    gateway.sandbox.script('submit', { kind: 'delay_after_accept', ms: 250 })
    const [id = ''] = await order(customer)
    expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  })

  test('one of an order without an answer is', async () => {
    await start({ clock: manualClock(), sandbox: { imageMs: 500 } })
    gateway.sandbox.script('submit', { kind: 'truncate' })
    const [id = ''] = await order(customer)
    expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  })
})

test('callbacks beside polls: eighty tasks end once each', async () => {
  await start({ yaml: yaml('timeout: 1m', 'poll_every: 30ms, give_up_after: 20m') })
  const words = ['a garden', 'this shall fail']
  const ids = (
    await Promise.all(Array.from({ length: 10 }, (_, at) => order(customer, 8, words[at % 2])))
  ).flat()
  const ended = await Promise.all(ids.map((id) => customer.ended(id)))
  expect(ended.filter((task) => task.task_status === 3)).toHaveLength(40)
  expect(await customer.balance()).toBe(100_000 - 40 * 15)
  const { text } = await gateway.call('GET', '/metrics')
  expect(text).toMatch(/tollgate_tasks_ended_total\{model="gpt-image-2",state="failed"\} 40/)
  expect(text).toMatch(/tollgate_tasks_ended_total\{model="gpt-image-2",state="succeeded"\} 40/)
})
