// One language in one answer: also the reason why a task failed, and with the names that may be meant.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'
import { order } from '../tasks/order.ts'
import { watch } from './event-stream.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway()
  customer = await gateway.customer(1_000)
})
afterAll(async () => await gateway.stop())

const chinese = { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.5' }
const hasChinese = /\p{Script=Han}/u

/** The id of a task that the upstream refused with this business code. */
async function failedBy(code: number, msg = 'no'): Promise<string> {
  gateway.sandbox.script('submit', { kind: 'status', status: 400, body: { code, msg } })
  const [id = ''] = await order(customer)
  expect(await customer.ended(id)).toMatchObject({ task_status: 4 })
  return id
}

test.each([
  [100_002, 'The request was refused: a value is outside its valid range.'],
  [530_002, 'An input image could not be used. It takes a public URL, a common format, and less than 20 MB.'],
  [987_654, 'The request was refused as invalid.'],
])('a task that was refused with %i says why in the language of who asks', async (code, english) => {
  const id = await failedBy(code)
  expect((await customer.task(id)).error_message).toBe(english)
  const asked = (await customer.get(`/tasks/${id}`, chinese)).json.data
  expect(asked.error_message).toMatch(hasChinese)
  expect(asked.error_message).not.toMatch(/[a-z]{4}/)
  const listed = (await customer.get('/tasks?limit=1', chinese)).json.data.tasks
  expect(listed).toMatchObject([{ task_id: id, error_message: asked.error_message }])
  const stream = await watch(gateway, customer.key, id, chinese)
  await stream.ended
  expect(stream.events().at(-1)?.data.error_message).toBe(asked.error_message)
  const inEnglish = { 'accept-language': 'en, zh;q=0.1' }
  expect((await customer.get(`/tasks/${id}`, inEnglish)).json.data.error_message).toBe(english)
})

test('what the upstream itself said of a failure stays as it was said', async () => {
  gateway.sandbox.script('query', {
    kind: 'observe',
    change: (data: object) => ({ ...data, status: 'FAILED', error_message: 'The face was not found' }),
  })
  const [id = ''] = await order(customer)
  const { error_message: said } = await customer.ended(id)
  expect(said).toContain('face was not found')
  expect((await customer.get(`/tasks/${id}`, chinese)).json.data.error_message).toBe(said)
})

test('a status that is none is told which there are, by number and by name', async () => {
  const { json } = await customer.get('/tasks?status=9')
  expect(json.error).toMatchObject({
    field: 'status',
    message: 'status: must be 1 (queued), 2 (running), 3 (success) or 4 (failed).',
  })
  expect((await customer.get('/tasks?status=0', chinese)).json.error.message).toMatch(hasChinese)
})

test.each([
  ['POST', '/accounts', { name: 'n', credit: 5 }, 'credit', ['name', 'credits']],
  [
    'PATCH',
    '/accounts/{id}',
    { limits: { per_minute: 1 } },
    'limits.per_minute',
    ['requests_per_minute', 'tasks_in_flight'],
  ],
  ['POST', '/accounts/{id}/credits', { amount: 1, reason: 'x' }, 'reason', ['amount', 'note']],
])(
  '%s %s tells of an unknown field which there are at that place',
  async (method, path, body, field, known) => {
    const { json } = await gateway.operator(method, path.replace('{id}', customer.accountId), body)
    expect(json.error).toMatchObject({
      field,
      message: expect.stringMatching(/there is no such field.*Fields: /),
    })
    const fields = json.error.message.split('Fields: ')[1]
    for (const name of known) expect(fields).toContain(name)
  },
)
