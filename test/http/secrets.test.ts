// What opens a door stands in no answer, no line of the log and no metric, whatever goes wrong.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sealingKeyOf } from '../../src/webhooks/signing/sealing.ts'
import { adminToken, startGateway, until } from '../support/gateway.ts'
import type { Answer, Gateway } from '../support/gateway.ts'

const upstreamKey = 'canary-upstream-key-5d41402abc4b2a76'
const lines: string[] = []
const answers: Answer[] = []
let gateway: Gateway
let clientKey: string
let webhookSecret: string
const note = (answer: Answer): Answer => {
  answers.push(answer)
  return answer
}

beforeAll(async () => {
  gateway = await startGateway({
    onLog: (line) => lines.push(line),
    env: { KEEVX_API_KEY: upstreamKey },
    sandbox: { apiKey: upstreamKey },
  })
  const customer = await gateway.customer(1_000)
  clientKey = customer.key
  const { key } = customer
  webhookSecret = (await gateway.call('POST', '/api/v1/webhooks/secret', { key })).json.data.secret
  // Told in vain, so that the log of deliveries has errors too.
  note(await gateway.call('PUT', '/api/v1/webhooks', { key, body: { url: 'https://receiver.invalid/hook' } }))
  const picture = { model_id: 'gpt-image-2', prompt: 'a garden' }
  const created = note(await customer.create(picture))
  await customer.ended(created.json.data.task_id)
  const { task_id } = note(await customer.create({ ...picture, prompt: 'to fail' })).json.data
  await customer.ended(task_id)

  // Keys where they do not belong.
  note(await gateway.call('GET', `/api/v1/tasks/${key}`, { key }))
  note(await gateway.call('GET', '/api/v1/credits', { key: `${key}x` }))
  note(await gateway.call('GET', '/api/v1/credits', { headers: { authorization: `Basic ${key}` } }))
  note(await gateway.call('GET', '/api/v1/credits', { key: adminToken }))
  note(await gateway.call('GET', '/admin/v1/stats', { key }))
  note(await gateway.call('GET', '/admin/v1/stats', { key: `${adminToken}x` }))
  note(await gateway.call('POST', '/api/v1/tasks/create', { key, body: '{"broken' }))

  // An upstream that throws our own key back at us.
  const echo = { code: 1, msg: `bad request, Authorization: Bearer ${upstreamKey}`, data: null }
  gateway.sandbox.script('submit', { kind: 'status', status: 400, body: echo })
  const refused = note(await customer.create(picture))
  await customer.ended(refused.json.data.task_id)
  const observed = note(await customer.create(picture)).json.data.task_id
  gateway.sandbox.script('query', { kind: 'status', status: 500, body: echo })
  await customer.ended(observed)
  gateway.sandbox.script('submit', { kind: 'status', status: 401, body: echo })
  const rejected = note(await customer.create(picture)).json.data.task_id
  await until(
    () => gateway.call('GET', '/readyz'),
    ({ text }) => text.includes('rejected') || text.includes('aside'),
  )

  for (const id of [task_id, refused.json.data.task_id, observed, rejected]) {
    note(await gateway.operator('GET', `/tasks/${id}`))
    note(await customer.get(`/tasks/${id}`))
  }
  for (const path of [
    '/accounts',
    '/stats',
    '/tasks',
    '/ledger/verify',
    '/models',
    `/accounts/${customer.accountId}/keys`,
  ]) {
    note(await gateway.operator('GET', path))
  }
  for (const path of [
    '/readyz',
    '/healthz',
    '/metrics',
    '/openapi.json',
    '/admin/openapi.json',
    '/docs',
    '/docs/reference/',
    '/nothing',
  ]) {
    note(await gateway.call('GET', path))
  }
  for (const path of ['/credits', '/ledger', '/tasks', '/models', '/webhooks', '/webhooks/deliveries'])
    note(await customer.get(path))
})
afterAll(async () => await gateway.stop())

const sealingKey = () => sealingKeyOf(gateway.app.ctx.config).toString('base64')

const canaries: readonly (readonly [string, () => string])[] = [
  ["the upstream's key", () => upstreamKey],
  ['the admin token', () => adminToken],
  ['an sk- key', () => clientKey],
  ['a webhook secret', () => webhookSecret],
  ['what a webhook secret signs with', () => webhookSecret.slice('whsec_'.length)],
  ['the key that seals webhook secrets', sealingKey],
]

test.each(canaries)('%s stands in no answer', (_name, secret) => {
  expect(answers.length).toBeGreaterThan(30)
  for (const { text, headers } of answers) expect(text + JSON.stringify([...headers])).not.toContain(secret())
})

test.each(canaries)('%s stands in no line of the log', (_name, secret) => {
  expect(lines.filter((line) => line.includes('"level":"debug"')).length).toBeGreaterThan(10)
  for (const line of lines) expect(line).not.toContain(secret())
})

test('the store, and so a backup of it, holds no secret in usable form', async () => {
  const bytes = await gateway.store.bytes()
  // That the bytes are there to be found.
  expect(bytes.includes('gpt-image-2')).toBe(true)
  for (const [name, secret] of canaries) {
    for (const form of [secret(), Buffer.from(secret(), 'base64'), secret().slice(-20)])
      expect(bytes.includes(form), name).toBe(false)
  }
})

test('the log tells each request by its id, method, route, status and time', () => {
  const answered = lines.map((line): any => JSON.parse(line)).filter(({ msg }) => msg === 'answered')
  expect(answered.length).toBeGreaterThan(30)
  for (const line of answered) {
    expect(line).toMatchObject({
      req: expect.stringMatching(/^req_/),
      method: expect.any(String),
      route: expect.any(String),
      status: expect.any(Number),
      ms: expect.any(Number),
    })
  }
})

test('no metric is labelled with an account, a key, a task or a path that a client made up', async () => {
  const { text } = await gateway.call('GET', '/metrics')
  const counted = text.replaceAll(/^#.*$/gm, '')
  expect(counted).toContain('tollgate_')
  expect(counted).not.toMatch(/acc_0|key_0|task_0|req_0|sk-|nothing/)
})

test('whoever is refused quotes an id, and the lines of the log bear it', () => {
  const logged = lines.map((line) => JSON.parse(line))
  const refused = answers.filter(({ json }) => json?.code === 0)
  expect(refused.length).toBeGreaterThan(5)
  for (const { json } of refused) {
    const { request_id: id } = json.error
    expect(logged.filter(({ req }) => req === id).map(({ msg }) => msg)).toContain('refused')
  }
})
