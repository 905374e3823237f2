// An upstream that is away, limits us or refuses our key: orders wait, nothing is asked twice, and no credit is stuck.
import { afterEach, describe, expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { ScriptedAnswer } from '../../sandbox/scripted-answers.ts'
import { manualClock } from '../support/clock.ts'
import type { ManualClock } from '../support/clock.ts'
import { startGateway, until } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { closedUrl } from '../upstream/stand-in.ts'
import { expectNothingUpstream, inspect, ledgerAddsUp, order, submitsTo } from './order.ts'

let gateway: Gateway
afterEach(async () => {
  await ledgerAddsUp(gateway)
  await gateway.stop()
})

const yaml = (submit: string) => `
upstreams:
  keevx:
    adapter: keevx
    submit: { timeout: 1s, attempts: 3, in_flight: 16, ${submit} }
    image: { poll_every: 30ms, give_up_after: 3s }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`

const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const isTaken = async (id: string) =>
  await until(
    () => inspect(gateway, id),
    ({ state }) => state === 'running',
  )

const endedOn = async (clock: ManualClock, id: string) =>
  await until(
    async () => {
      clock.advance(50)
      return await inspect(gateway, id)
    },
    ({ task_status }) => task_status > 2,
  )

describe('an upstream that nobody answers for', () => {
  test('keeps its orders waiting, and makes them when it comes up', async () => {
    const origin = await closedUrl()
    gateway = await startGateway({ upstreamUrl: `${origin}/v1`, yaml: yaml('queue_for: 20s') })
    const customer = await gateway.customer(100)
    const [id = ''] = await order(customer)
    const tried = (task: { state: string; attempts: { state: string }[] }) =>
      task.attempts.length >= 4 && task.state === 'queued'
    const waiting = await until(() => inspect(gateway, id), tried)
    expect(waiting).toMatchObject({ task_status: 1 })
    for (const attempt of waiting.attempts as { state: string }[]) expect(attempt.state).toBe('not_accepted')
    const up = await startSandbox({ port: Number(new URL(origin).port), imageMs: 20 })
    expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
    expect(up.submissions).toHaveLength(1)
    expect(await customer.balance()).toBe(85)
    await up.close()
  })

  test('is tried three times more at once, then at growing pauses, until queue_for; then all is given back', async () => {
    const clock = manualClock()
    const origin = await closedUrl()
    gateway = await startGateway({ clock, upstreamUrl: `${origin}/v1`, yaml: yaml('queue_for: 30s') })
    const customer = await gateway.customer(100)
    const [id = ''] = await order(customer)
    // The clock stands still until then, or a slow machine would seem to pause.
    await until(
      () => inspect(gateway, id),
      ({ attempts, state }) => attempts.length === 4 && state === 'queued',
    )
    const ended = await until(
      async () => {
        clock.advance(500)
        await rest(5)
        return await inspect(gateway, id)
      },
      (task) => task.task_status === 4,
    )
    expect(ended.error_message).toContain('temporarily unavailable')
    expectNothingUpstream(ended.error_message, gateway)
    expect(await customer.balance()).toBe(100)
    const starts: number[] = ended.attempts.map((attempt: { started_at_ms: number }) => attempt.started_at_ms)
    const pauses = starts.slice(1).map((at, index) => at - (starts[index] ?? 0))
    expect(pauses.slice(0, 3)).toEqual([0, 0, 0])
    for (const [index, pause] of pauses.slice(3).entries())
      expect(pause).toBeGreaterThanOrEqual(1_000 * 2 ** index)
    expect(ended.finished_at - ended.created_at).toBeLessThanOrEqual(32)
  })
})

describe('429', () => {
  const limited = (seconds?: string): ScriptedAnswer => ({
    kind: 'status',
    status: 429,
    body: { code: 429 },
    ...(seconds !== undefined && { headers: { 'retry-after': seconds } }),
  })

  test.each([
    ['Retry-After', '1', 'queue_for: 20s', 1_000],
    ['after_429 where nothing is said', undefined, 'queue_for: 20s, after_429: 600ms', 600],
  ])('pauses the whole key for %s, however much waits', async (_name, seconds, submit, pauseMs) => {
    gateway = await startGateway({ yaml: yaml(submit) })
    const customer = await gateway.customer(1_000)
    gateway.sandbox.script('submit', limited(seconds))
    const [first = ''] = await order(customer)
    await until(
      () => inspect(gateway, first),
      ({ attempts }) => attempts[0]?.state === 'not_accepted',
    )
    const others = (await Promise.all([1, 2, 3, 4, 5].map(() => order(customer)))).flat()
    const tasks = await Promise.all([first, ...others].map((id) => customer.ended(id)))
    expect(tasks.map((task) => task.task_status)).toEqual([3, 3, 3, 3, 3, 3])
    const attempts = (await Promise.all([first, ...others].map((id) => inspect(gateway, id)))).flatMap(
      (task): { started_at_ms: number }[] => task.attempts,
    )
    const [refusedAt = 0, nextAt = 0] = attempts
      .map(({ started_at_ms }) => started_at_ms)
      .toSorted((a, b) => a - b)
    expect(nextAt - refusedAt).toBeGreaterThanOrEqual(pauseMs)
    expect(gateway.sandbox.submissions).toHaveLength(6)
  })

  test('without end fails and gives back at queue_for, and costs no attempt', async () => {
    gateway = await startGateway({ yaml: yaml('queue_for: 2s, after_429: 50ms') })
    const customer = await gateway.customer(100)
    gateway.sandbox.always('submit', limited())
    const [id = ''] = await order(customer)
    const task = await customer.ended(id)
    expect(task).toMatchObject({ task_status: 4, credits_refunded: 15 })
    expect(submitsTo(gateway)).toBeGreaterThan(3)
  })
})

describe('a key that Keevx does not take', () => {
  test('is set aside and shown, and another is used at once', async () => {
    // The clock stands still: after a second the key would be tried again.
    const clock = manualClock()
    gateway = await startGateway({ clock, env: { KEEVX_API_KEY: 'revoked-key-of-ours,upstream-key' } })
    const customer = await gateway.customer(1_000)
    const ids: string[] = []
    for (let at = 0; at < 4; at += 1) {
      const [id = ''] = await order(customer)
      ids.push(id)
      await isTaken(id)
    }
    expect(gateway.sandbox.submissions).toHaveLength(4)
    expect(submitsTo(gateway)).toBe(5)
    const { status, json, text } = await gateway.call('GET', '/readyz')
    expect(status).toBe(200)
    expect(json.upstreams.keevx.map(({ state }: { state: string }) => state)).toEqual(['rejected', 'ready'])
    expect(text).not.toContain('revoked-key-of-ours')
    for (const id of ids) expect(await endedOn(clock, id)).toMatchObject({ task_status: 3 })
  })

  test.each<[string, Record<string, unknown>, ScriptedAnswer]>([
    [
      '401',
      { model_id: 'gpt-image-2', prompt: 'a heron' },
      { kind: 'status', status: 401, body: { code: 401 } },
    ],
    [
      '"invalid token" of the video endpoint',
      { model_id: 'keevx-v', prompt: 'waves' },
      { kind: 'status', status: 200, body: { code: 100_002, msg: 'Invalid token' } },
    ],
  ])(
    '%s to the only one: tried again ever more rarely, then "misconfigured"',
    async (_name, body, answer) => {
      const clock = manualClock()
      gateway = await startGateway({ clock, yaml: yaml('queue_for: 20s') })
      const customer = await gateway.customer(1_000)
      gateway.sandbox.always('submit', answer)
      const created = await customer.create(body)
      const ended = await until(
        async () => {
          clock.advance(500)
          await rest(5)
          return await inspect(gateway, created.json.data.task_id)
        },
        (task) => task.task_status === 4,
      )
      expect(ended.error_message).toContain('misconfigured')
      expectNothingUpstream(ended.error_message, gateway)
      expect(await customer.balance()).toBe(1_000)
      // At 0, 1, 3, 7 and 15 seconds, or later where the machine is slow.
      const starts: number[] = ended.attempts.map(
        (attempt: { started_at_ms: number }) => attempt.started_at_ms,
      )
      const pauses = starts.slice(1).map((at, index) => at - (starts[index] ?? 0))
      expect(pauses.length).toBeGreaterThan(1)
      expect(pauses.length).toBeLessThan(5)
      for (const [index, pause] of pauses.entries()) expect(pause).toBeGreaterThanOrEqual(1_000 * 2 ** index)
      expect((await gateway.call('GET', '/readyz')).json.upstreams.keevx).toMatchObject([
        { state: 'rejected' },
      ])
    },
  )
})

test('530003 is tried three times in all, as documented, then given back', async () => {
  const clock = manualClock()
  gateway = await startGateway({ clock, yaml: yaml('queue_for: 20s') })
  const customer = await gateway.customer(100)
  gateway.sandbox.always('submit', {
    kind: 'status',
    status: 200,
    body: { code: 530_003, msg: 'Task creation failed' },
  })
  const [id = ''] = await order(customer)
  const ended = await until(
    async () => {
      clock.advance(500)
      await rest(5)
      return await inspect(gateway, id)
    },
    (task) => task.task_status === 4,
  )
  expect(ended.error_message).toContain('temporarily unavailable')
  expect(submitsTo(gateway)).toBe(3)
  expect(ended.attempts.map(({ state }: { state: string }) => state)).toEqual(Array(3).fill('not_accepted'))
  expect(await customer.balance()).toBe(100)
})
