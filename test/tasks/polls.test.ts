// What a look at a running task means: only a plain word ends it, and its limit always does.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ScriptedAnswer } from '../../sandbox/scripted-answers.ts'
import { systemClock } from '../../src/clock.ts'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { expectNothingUpstream, inspect, ledgerAddsUp, order, queriesTo } from './order.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(async () => {
  await ledgerAddsUp(gateway)
  await gateway.stop()
})

const status = (code: number, body: unknown, more = {}): ScriptedAnswer => ({
  kind: 'status',
  status: code,
  body,
  ...more,
})
const seen = (change: Record<string, unknown>): ScriptedAnswer => ({
  kind: 'observe',
  change: (data) => ({ ...data, ...change }),
})
const missing: ScriptedAnswer = status(400, { code: 110_002, msg: 'Task not found' })

const undecided: Record<string, ScriptedAnswer> = {
  'an unknown word': seen({ status: 'COOKING' }),
  'FAILED in other words': seen({ status: 'failure' }),
  'success without a URL': seen({ status: 'SUCCEEDED', image_url: '' }),
  'success with a URL that is none': seen({ status: 'SUCCEEDED', image_url: 'javascript:alert(1)' }),
  'the success of another task': seen({
    task_id: 'i2is-other',
    status: 'SUCCEEDED',
    image_url: 'http://a/b.png',
  }),
  'the failure of another task': seen({ task_id: 'i2is-other', status: 'FAILED' }),
  'a page with 500': status(500, '<html>', { contentType: 'text/html' }),
  'a failure inside a 500': status(500, { code: 0, data: { status: 'FAILED' } }),
  garbage: status(200, 'ok'),
  'no task at all': status(200, { code: 0, data: null }),
  'a list': status(200, { code: 0, data: [{ status: 'FAILED' }, { status: 'FAILED' }] }),
  'an unknown code': status(200, { code: 77, msg: 'FAILED' }),
  'a reset': { kind: 'reset' },
  'an answer that breaks off': { kind: 'truncate' },
  '401': status(401, { code: 401 }),
  '403': status(403, { code: 403 }),
  'a page with 404': status(404, '<html>Not Found</html>', { contentType: 'text/html' }),
  '404 of a gateway': status(404, { message: 'no Route matched with those values' }),
  '404 of a router': status(404, { code: 404, msg: 'Resource not found' }),
  '410': status(410, ''),
  'the page of a portal': status(200, '<html>Please log in</html>', { contentType: 'text/html' }),
}

test(`these decide nothing, however often they come: ${Object.keys(undecided).join('; ')}`, async () => {
  const customer = await gateway.customer(1_000)
  const answers = Object.values(undecided).flatMap((answer) => [answer, answer, answer])
  gateway.sandbox.script('query', ...answers)
  const before = queriesTo(gateway)
  const ids = [...(await order(customer, 8)), ...(await order(customer, 8))]
  const tasks = await Promise.all(ids.map((id) => customer.ended(id)))
  for (const task of tasks) {
    expect(task).toMatchObject({ task_status: 3, credits_refunded: 0 })
    expect(new URL(task.image_url).origin).toBe(new URL(gateway.sandbox.baseUrl).origin)
  }
  expect(queriesTo(gateway) - before).toBeGreaterThanOrEqual(answers.length + tasks.length)
  expect(await customer.balance()).toBe(1_000 - 16 * 15)
})

test('a look that is answered 401 does not keep the key from orders', async () => {
  const customer = await gateway.customer(100)
  gateway.sandbox.script('query', ...Array.from({ length: 5 }, () => status(403, { code: 403 })))
  const [odd = ''] = await order(customer)
  await until(
    () => inspect(gateway, odd),
    ({ polls_made: polls }) => polls > 0,
  )
  const [id = ''] = await order(customer)
  await until(
    () => inspect(gateway, id),
    ({ state }) => state !== 'queued' && state !== 'submitting',
    500,
  )
  expect(await customer.ended(odd)).toMatchObject({ task_status: 3 })
  expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
})

describe('"no such task"', () => {
  test.each<[string, ScriptedAnswer]>([
    ['110002', missing],
    ['110002 with 404', status(404, { code: 110_002, msg: 'Task not found' })],
    ['110002 as a text', status(200, { code: '110002', msg: 'Task not found' })],
  ])('%s three times in a row: lost, and given back', async (_name, answer) => {
    const customer = await gateway.customer(100)
    gateway.sandbox.script('query', answer, answer, answer)
    const before = queriesTo(gateway)
    const [id = ''] = await order(customer)
    const task = await customer.ended(id)
    expect(task).toMatchObject({ task_status: 4, credits_refunded: 15 })
    expectNothingUpstream(task.error_message, gateway)
    expect(queriesTo(gateway) - before).toBe(3)
    expect(await customer.balance()).toBe(100)
  })

  test('twice, then another word, then twice again: still running, and made', async () => {
    const customer = await gateway.customer(100)
    gateway.sandbox.script('query', missing, missing, seen({ status: 'GENERATING' }), missing, missing)
    const [id = ''] = await order(customer)
    expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
  })

  test('100003 of a video counts as well', async () => {
    const customer = await gateway.customer(1_000)
    const gone = status(404, { code: 100_003, msg: 'Task not found' })
    gateway.sandbox.script('query', gone, gone, gone)
    const created = await customer.create({ model_id: 'keevx-v', prompt: 'waves' })
    expect(await customer.ended(created.json.data.task_id)).toMatchObject({
      task_status: 4,
      task_type: 'video',
    })
    expect(await customer.balance()).toBe(1_000)
  })
})

test('a failure gives back, and says why without saying who', async () => {
  const customer = await gateway.customer(100)
  const words =
    'worker gpu-7.internal.keevx.com: prompt rejected by policy, task i2is-0a1b2c3d, see https://api.keevx.com/x?key=1'
  gateway.sandbox.script('query', seen({ status: 'FAILED', error_message: words }))
  const [id = ''] = await order(customer)
  const task = await customer.ended(id)
  expect(task).toMatchObject({ task_status: 4, credits_refunded: 15 })
  expect(task.error_message).toContain('prompt rejected by policy')
  expectNothingUpstream(task.error_message, gateway)
  expect((await inspect(gateway, id)).error_detail).toContain('gpu-7')
})

test('PENDING shows as queued, PROCESSING as running', async () => {
  const customer = await gateway.customer(1_000)
  gateway.sandbox.always('query', seen({ status: 'PENDING' }))
  const created = await customer.create({ model_id: 'keevx-v', prompt: 'waves' })
  const id = created.json.data.task_id
  const polled = (task: { polls_made: number }) => task.polls_made > 0
  await until(() => inspect(gateway, id), polled)
  expect(await customer.task(id)).toMatchObject({ task_status: 1 })
  gateway.sandbox.always('query', seen({ status: 'PROCESSING' }))
  await until(
    () => customer.task(id),
    (task) => task.task_status === 2,
  )
  gateway.sandbox.always('query', null)
  expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
})

test('a task that never ends is looked at a last time at its limit, then given back', async () => {
  const own = await startGateway({
    yaml: `
upstreams:
  keevx:
    adapter: keevx
    image: { poll_every: 400ms, give_up_after: 400ms }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`,
  })
  own.sandbox.freeze('all')
  const customer = await own.customer(100)
  const [id = ''] = await order(customer)
  const task = await customer.ended(id)
  expect(task).toMatchObject({ task_status: 4, credits_refunded: 15 })
  expect(task.error_message).toContain('too long')
  // The first look may come a little before the limit; the last comes at it.
  expect([1, 2]).toContain(queriesTo(own))

  const [made = ''] = await order(customer)
  await until(
    () => inspect(own, made),
    ({ state }) => state === 'running',
  )
  own.sandbox.finish(own.sandbox.submissions[1]?.taskIds[0] ?? '', 'SUCCEEDED')
  expect(await customer.ended(made)).toMatchObject({ task_status: 3 })
  await ledgerAddsUp(own)
  await own.stop()
})

test('429 stops all polls under its key for as long as it says', async () => {
  let aheadMs = 0
  const clock = {
    ...systemClock,
    now: () => systemClock.now() + aheadMs,
    monotonic: () => systemClock.monotonic() + aheadMs,
  }
  const own = await startGateway({
    clock,
    yaml: quickYaml.replace(/^ *image: .*$/m, '    image: { poll_every: 1s, give_up_after: 10h }'),
  })
  const customer = await own.customer(1_000)
  own.sandbox.always('query', status(429, {}, { headers: { 'retry-after': '3600' } }))
  const ids = await order(customer, 6)
  // A poll is put off beyond its lease once its answer, or that of another, is written down.
  const leaseMs = 60_000
  for (const id of ids) {
    await until(
      () => inspect(own, id),
      ({ next_poll_at_ms }) => next_poll_at_ms > clock.now() + leaseMs,
    )
  }
  expect(queriesTo(own)).toBeGreaterThan(0)
  // Polls that began before the first answer came have arrived too; there are no more than tasks.
  for (let round = 0; round < 5; round += 1) {
    aheadMs += 5 * 60_000
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(queriesTo(own)).toBeLessThanOrEqual(ids.length)
  }
  expect(await customer.task(ids[0] ?? '')).toMatchObject({ task_status: 2 })
  own.sandbox.always('query', null)
  aheadMs += 60 * 60_000
  await Promise.all(ids.map((id) => customer.ended(id)))
  await own.stop()
})

describe('at the limit', () => {
  const limitYaml = `
upstreams:
  keevx:
    adapter: keevx
    submit: { after_429: 50ms }
    image: { poll_every: 300ms, give_up_after: 300ms }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`
  test.each<[string, ScriptedAnswer]>([
    ['a 429', status(429, {})],
    ['a page with 502', status(502, '<html>', { contentType: 'text/html' })],
    ['a reset', { kind: 'reset' }],
  ])('%s is no look: it is repeated, and what was made is not thrown away', async (_name, answer) => {
    const own = await startGateway({ yaml: limitYaml, sandbox: { imageMs: 250 } })
    own.sandbox.always('query', answer)
    const customer = await own.customer(100)
    const [id = ''] = await order(customer)
    await until(
      async () => (await own.app.ctx.db.read.select().from(own.app.ctx.db.read.tables.polls))[0],
      (poll) => (poll?.lastLooks ?? 0) > 0,
    )
    own.sandbox.always('query', null)
    expect(await customer.ended(id)).toMatchObject({ task_status: 3, credits_refunded: 0 })
    await own.stop()
  })

  test('an outage that does not end is given up after three looks', async () => {
    const own = await startGateway({ yaml: limitYaml })
    own.sandbox.always('query', status(500, {}))
    const customer = await own.customer(100)
    const [id = ''] = await order(customer)
    expect(await customer.ended(id)).toMatchObject({ task_status: 4, credits_refunded: 15 })
    expect(queriesTo(own)).toBeGreaterThanOrEqual(3)
    await own.stop()
  })
})
