// The tokens of callback URLs stand in no line of the log, no answer, no metric and no byte of the store.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ScriptedAnswer } from '../../sandbox/scripted-answers.ts'
import { startGateway, until } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { inspect, order } from '../tasks/order.ts'

const yaml = `
media: { store: none }
upstreams:
  keevx:
    adapter: keevx
    submit: { timeout: 300ms, attempts: 3, after_5xx: 10ms }
    image: { poll_every: 30ms, give_up_after: 1s }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`
const lines: string[] = []
const answers: string[] = []
let gateway: Gateway

const tokens = (): string[] =>
  gateway.sandbox.submissions.map(({ body }) => String(body['callback_url']).slice(-43))

async function call(path: string, body: unknown): Promise<void> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`${gateway.url}${path}`, { method: 'POST', body: text })
  answers.push((await response.text()) + JSON.stringify([...response.headers]))
}

beforeAll(async () => {
  gateway = await startGateway({
    yaml,
    env: { PUBLIC_URL: 'https://gate.example' },
    onLog: (line) => lines.push(line),
  })
  const customer = await gateway.customer(10_000)
  const tasks: string[] = []
  const place = async (...scripted: ScriptedAnswer[]) => {
    gateway.sandbox.script('submit', ...scripted)
    const [id = ''] = await order(customer)
    tasks.push(id)
    await until(
      () => inspect(gateway, id),
      ({ state }) => state !== 'queued' && state !== 'submitting',
    )
    return gateway.sandbox.submissions.at(-1)?.taskIds[0] ?? ''
  }
  gateway.sandbox.freeze('all')
  // An upstream that throws what it was given back at us, by itself and in whole, in each of its answers.
  const echo = (): Record<string, unknown> => {
    const { body } = gateway.sandbox.submissions.at(-1) ?? expect.fail('nothing was ordered')
    const url = String(body['callback_url'])
    return {
      error_message: `could not call ${url}, token ${url.slice(-43)}`,
      msg: `${url} ${url.slice(-43)}`,
    }
  }
  const running = await place()
  gateway.sandbox.script('query', {
    kind: 'observe',
    change: (data) => ({ ...data, status: 'FAILED', ...echo() }),
  })
  await customer.ended(tasks[0] ?? '')
  await place({ kind: 'hang_after_accept' })
  await place({ kind: 'reset_after_accept' })
  const last = await place({ kind: 'delay_after_accept', ms: 50 })
  gateway.sandbox.script('query', { kind: 'status', status: 500, body: { code: 1, ...echo() } })

  // Callbacks of every kind, by their own tokens and by wrong ones.
  const [first = '', unknown = ''] = gateway.sandbox.submissions.map(
    ({ body }) => new URL(String(body['callback_url'])).pathname,
  )
  const known = (task_id: string) => ({ task_type: 'image_generate', data: { task_id } })
  await call(first, known(running))
  await call(first, '{"broken')
  await call(first, 'x'.repeat(70_000))
  await call(first, known(last))
  await call(unknown, known('i2is-lie'))
  await call(unknown, known(`i2is-${unknown.slice(-43)}`))
  await call(unknown, known(gateway.sandbox.submissions[1]?.taskIds[0] ?? ''))
  await call(`${first}x`, known(running))
  await call(`${first}/more`, known(running))
  await call(`${first}?token=${first.slice(-43)}`, known(running))
  await call(first.replace('att_', 'att-'), known(running))
  await call(`${first}%zz`, known(running))
  answers.push((await gateway.call('GET', first)).text)
  for (const id of tasks) {
    await customer.ended(id)
    answers.push(
      (await gateway.operator('GET', `/tasks/${id}`)).text,
      (await customer.get(`/tasks/${id}`)).text,
    )
  }
  for (const path of ['/readyz', '/metrics', '/openapi.json'])
    answers.push((await gateway.call('GET', path)).text)
  answers.push((await gateway.operator('GET', '/stats')).text)
})
afterAll(async () => await gateway.stop())

test('no answer', () => {
  expect(tokens().length).toBeGreaterThan(3)
  expect(answers.length).toBeGreaterThan(20)
  for (const token of tokens()) for (const text of answers) expect(text).not.toContain(token)
})

test('no line of the log', () => {
  expect(lines.filter((line) => line.includes('a callback was heard')).length).toBeGreaterThan(4)
  expect(lines.filter((line) => line.includes('/callbacks/keevx/:attemptId/:token')).length).toBeGreaterThan(
    5,
  )
  expect(lines.some((line) => line.includes('[secret]'))).toBe(true)
  for (const token of tokens()) for (const line of lines) expect(line).not.toContain(token)
})

test('no byte of the store', async () => {
  await gateway.app.ctx.db.transaction(async (tx) => void (await tx.select().from(tx.tables.accounts)))
  const bytes = await gateway.store.bytes()
  // That the bytes are there to be found.
  expect(bytes.includes(gateway.sandbox.submissions[0]?.taskIds[0] ?? 'none')).toBe(true)
  for (const token of tokens()) expect(bytes.includes(token)).toBe(false)
})
