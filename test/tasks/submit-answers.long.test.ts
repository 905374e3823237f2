// What each answer to a submit means for the customer's task, credit and for the next POST, over the wire.
import { afterEach, describe, expect, test } from 'vitest'
import type { ScriptedAnswer } from '../../sandbox/scripted-answers.ts'
import { manualClock } from '../support/clock.ts'
import type { ManualClock } from '../support/clock.ts'
import { startGateway, until } from '../support/gateway.ts'
import type { Answer, Gateway } from '../support/gateway.ts'
import { expectNothingUpstream, inspect, ledgerAddsUp, order, submitsTo } from './order.ts'

let gateway: Gateway
afterEach(async () => {
  await ledgerAddsUp(gateway)
  await gateway.stop()
})

const status = (
  code: number,
  body: unknown = '<html>nginx at keevx.com</html>',
  more = {},
): ScriptedAnswer => ({
  kind: 'status',
  status: code,
  body,
  ...more,
})

const html = { contentType: 'text/html' }
const says = (code: number, msg = 'keevx pro worker on 10.0.0.7 says no') => ({ code, msg })

describe('refused', () => {
  test.each([
    ['400 with a code', status(400, says(100_001))],
    ['404', status(404, says(100_404, 'no module at https://api.keevx.com'))],
    ['413', status(413, says(413))],
    ['200 with a code', status(200, says(530_002, 'image https://storage.keevx.com/u?sig=k unreadable'))],
    ['200 with a code that nobody knows', status(200, says(987_654))],
    ['200 with a negative code', status(200, says(-1))],
    ['422', status(422, says(1))],
  ])('%s: fails at once, gives back, and says why in clean words', async (_name, answer) => {
    gateway = await startGateway()
    const customer = await gateway.customer(100)
    gateway.sandbox.script('submit', answer)
    const [id = '', other = ''] = await order(customer, 2)
    const task = await customer.ended(id)
    expect(task).toMatchObject({ task_status: 4, credits: 15, credits_refunded: 15 })
    expectNothingUpstream(task.error_message, gateway)
    expect((await customer.ended(other)).error_message).toBe(task.error_message)
    expect(await customer.balance()).toBe(100)
    expect(submitsTo(gateway)).toBe(1)
    const { attempts, request } = await inspect(gateway, id)
    expect(attempts).toMatchObject([{ state: 'refused', detail: expect.stringContaining(`HTTP`) }])
    expect(request).toMatchObject({ state: 'failed', due_at_ms: null })
  })
})

/** By steps that are short beside every pause and limit, until the task has ended. */
const endedWhile = async (clock: ManualClock, look: () => Promise<Answer['json']>) =>
  await until(
    async () => {
      clock.advance(5_000)
      return await look()
    },
    (task) => task.task_status === 4,
  )

describe('trouble that need not be of Keevx: tried again behind others, a bounded number of times,', () => {
  test.each([
    ['400 without a body', status(400, '', html)],
    ['403 that is a page', status(403, undefined, html)],
    ['402', status(402, says(402))],
    ['451', status(451, '', html)],
  ])('%s: then fails and gives back, and the key is not suspected', async (_name, answer) => {
    const clock = manualClock()
    gateway = await startGateway({ clock })
    const customer = await gateway.customer(100)
    gateway.sandbox.always('submit', answer)
    const [id = ''] = await order(customer)
    const task = await endedWhile(clock, () => customer.task(id))
    expect(task).toMatchObject({ task_status: 4, credits_refunded: 15 })
    expect(task.error_message).toContain('turned away')
    expectNothingUpstream(task.error_message, gateway)
    expect(submitsTo(gateway)).toBeGreaterThan(1)
    expect(submitsTo(gateway)).toBeLessThan(10)
    expect(await customer.balance()).toBe(100)
    const { upstreams } = (await gateway.call('GET', '/readyz')).json
    expect(JSON.stringify(upstreams)).not.toContain('rejected')
  })

  test('404 without a word of Keevx, as behind a wrong base URL: it waits as long as orders may, then all is given back', async () => {
    const clock = manualClock()
    gateway = await startGateway({ clock })
    const customer = await gateway.customer(100)
    gateway.sandbox.always('submit', status(404, { message: 'no Route matched with those values' }))
    const [id = ''] = await order(customer)
    const task = await endedWhile(clock, () => customer.task(id))
    expect(task).toMatchObject({ task_status: 4, credits_refunded: 15 })
    expect(task.error_message).toContain('temporarily unavailable')
    expect(task.finished_at - task.created_at).toBeGreaterThanOrEqual(300)
    expect(await customer.balance()).toBe(100)
  })

  test('once, and the order is made', async () => {
    gateway = await startGateway()
    const customer = await gateway.customer(100)
    gateway.sandbox.script('submit', status(403, undefined, html))
    const [id = ''] = await order(customer)
    expect(await customer.ended(id)).toMatchObject({ task_status: 3 })
    expect(await customer.balance()).toBe(85)
  })
})

describe('tried again as documented', () => {
  test.each([
    ['500 that is a page', status(500, undefined, html)],
    ['503 with a code', status(503, says(503))],
    ['a reset connection', { kind: 'reset' } as const],
    ['a reset after the work was taken', { kind: 'reset_after_accept' } as const],
  ])('%s: three attempts in all, then fails and gives back', async (_name, answer) => {
    gateway = await startGateway()
    const customer = await gateway.customer(100)
    gateway.sandbox.always('submit', answer)
    const [id = ''] = await order(customer)
    const task = await customer.ended(id)
    expect(task).toMatchObject({ task_status: 4, credits_refunded: 15 })
    expect(task.error_message).toContain('temporarily unavailable')
    expectNothingUpstream(task.error_message, gateway)
    expect(submitsTo(gateway)).toBe(3)
    const { attempts } = await inspect(gateway, id)
    expect(attempts.map((attempt: { state: string }) => attempt.state)).toEqual([
      'ambiguous',
      'ambiguous',
      'ambiguous',
    ])
    expect(new Set(attempts.map((attempt: { id: string }) => attempt.id)).size).toBe(3)
    expect(await customer.balance()).toBe(100)
  })

  test('two failures and then a good answer make the picture, charged once', async () => {
    gateway = await startGateway()
    const customer = await gateway.customer(100)
    gateway.sandbox.script('submit', status(500), { kind: 'reset' })
    const [id = ''] = await order(customer)
    expect(await customer.ended(id)).toMatchObject({ task_status: 3, credits_refunded: 0 })
    expect(gateway.sandbox.submissions).toHaveLength(1)
    expect(await customer.balance()).toBe(85)
  })

  test('500 waits for after_5xx, a reset does not', async () => {
    const clock = manualClock()
    gateway = await startGateway({ clock })
    const customer = await gateway.customer(100)
    gateway.sandbox.script('submit', status(500), { kind: 'reset' })
    const [id = ''] = await order(customer)
    const tried = (count: number) => (task: { attempts: readonly any[] }) => task.attempts.length >= count
    await until(async () => {
      clock.advance(10)
      return await inspect(gateway, id)
    }, tried(2))
    // The clock stands still from here on; it may have been turned once while the second was under way.
    const { attempts } = await until(() => inspect(gateway, id), tried(3))
    const [first, second, third] = attempts
    expect(second.started_at_ms - first.finished_at_ms).toBeGreaterThanOrEqual(50)
    expect(third.started_at_ms - second.finished_at_ms).toBeLessThan(50)
  })

  test('one budget holds for all of them together', async () => {
    gateway = await startGateway()
    const customer = await gateway.customer(100)
    gateway.sandbox.script('submit', status(500), { kind: 'reset' }, status(502))
    const [id = ''] = await order(customer)
    expect(await customer.ended(id)).toMatchObject({ task_status: 4 })
    expect(submitsTo(gateway)).toBe(3)
  })
})

const doubtYaml = `
upstreams:
  keevx:
    adapter: keevx
    submit: { queue_for: 20s, timeout: 300ms, attempts: 3, after_5xx: 10ms, ambiguous: AMBIGUOUS }
    image: { poll_every: 30ms, give_up_after: 5m }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`

describe('in doubt: never posted again, shown as running, and given back at the limit,', () => {
  const accepted = (data: unknown): ScriptedAnswer => status(200, { code: 0, msg: 'ok', data })
  const doubtful: readonly ScriptedAnswer[] = [
    { kind: 'hang' },
    { kind: 'hang_after_accept' },
    { kind: 'delay_after_accept', ms: 20_000 },
    status(200, '<html>ok</html>', html),
    status(200, ''),
    { kind: 'truncate' },
    { kind: 'huge', bytes: 2_000_000 },
    status(200, { code: 0, msg: 'ok' }),
    accepted({ task_ids: [] }),
    accepted({ task_ids: [null, '', '..', { name: 1 }] }),
    status(200, { code: '0', data: { ids_of_tasks: ['i2is-1'] } }),
  ]
  const ambiguous: readonly ScriptedAnswer[] = [
    { kind: 'reset_after_accept' },
    { kind: 'reset' },
    status(500),
  ]
  test.each([
    ['whatever is no answer', 'retry', doubtful],
    ['and where ambiguous is wait, all that Keevx might have taken', 'wait', [...doubtful, ...ambiguous]],
  ])('%s', async (_name, setting, answers) => {
    const clock = manualClock()
    gateway = await startGateway({ clock, yaml: doubtYaml.replace('AMBIGUOUS', setting) })
    const customer = await gateway.customer(1_000)
    gateway.sandbox.script('submit', ...answers)
    const ids = (await Promise.all(answers.map(() => order(customer)))).flat()
    await Promise.all(
      ids.map(async (id) => {
        const settled = (task: { state: string }) => task.state !== 'queued' && task.state !== 'submitting'
        const unsure = await until(() => inspect(gateway, id), settled)
        expect(unsure).toMatchObject({ state: 'unknown', task_status: 2, upstream_task_id: null })
      }),
    )
    expect(await customer.balance()).toBe(1_000 - 15 * answers.length)
    clock.advance(5 * 60_000)
    const ended = await Promise.all(ids.map((id) => customer.ended(id)))
    for (const task of ended) {
      expect(task).toMatchObject({ task_status: 4, credits_refunded: 15 })
      expectNothingUpstream(task.error_message, gateway)
    }
    expect(submitsTo(gateway)).toBe(answers.length)
    expect(await customer.balance()).toBe(1_000)
  })
})

describe('ids', () => {
  test('one too few: that task fails and is given back while the others run', async () => {
    gateway = await startGateway()
    const customer = await gateway.customer(100)
    gateway.sandbox.script('submit', { kind: 'ids', change: (ids) => ids.slice(1) })
    const ended = await Promise.all((await order(customer, 3)).map((id) => customer.ended(id)))
    expect(ended.map((task) => task.task_status)).toEqual([3, 3, 4])
    expect(ended[2]).toMatchObject({
      credits_refunded: 15,
      error_message: expect.stringContaining('Fewer results'),
    })
    expect(await customer.balance()).toBe(70)
    expect(submitsTo(gateway)).toBe(1)
  })

  test('one too many is known as an orphan, and charged to nobody', async () => {
    gateway = await startGateway()
    const customer = await gateway.customer(100)
    gateway.sandbox.script('submit', { kind: 'ids', change: (ids) => [...ids, 'i2is-more'] })
    const ended = await Promise.all((await order(customer, 2)).map((id) => customer.ended(id)))
    expect(ended.map((task) => task.task_status)).toEqual([3, 3])
    expect(await customer.balance()).toBe(70)
    const { json } = await gateway.operator('GET', '/stats')
    expect(json.data.orphans).toEqual({ extra_id: 1 })
    expect((await gateway.call('GET', '/metrics')).text).toMatch(
      /tollgate_orphans_total\{reason="extra_id"\} 1/,
    )
  })

  test('those of another task settle nothing a second time', async () => {
    gateway = await startGateway()
    const customer = await gateway.customer(100)
    const [first = ''] = await order(customer)
    await customer.ended(first)
    const theirs = gateway.sandbox.submissions[0]?.taskIds ?? []
    gateway.sandbox.script('submit', { kind: 'ids', change: () => theirs })
    const [second = ''] = await order(customer)
    expect(await customer.ended(second)).toMatchObject({ task_status: 4, credits_refunded: 15 })
    expect(await customer.task(first)).toMatchObject({ task_status: 3 })
    expect(await customer.balance()).toBe(85)
    expect((await gateway.operator('GET', '/stats')).json.data.orphans).toEqual({ repeated_id: 1 })
  })

  test('the same id twice in one answer stands for one task', async () => {
    gateway = await startGateway()
    const customer = await gateway.customer(100)
    gateway.sandbox.script('submit', { kind: 'ids', change: ([id]) => [id, id] })
    const ended = await Promise.all((await order(customer, 2)).map((id) => customer.ended(id)))
    expect(ended.map((task) => task.task_status)).toEqual([3, 4])
    expect(await customer.balance()).toBe(85)
  })
})
