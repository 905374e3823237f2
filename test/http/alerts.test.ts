// The operator reads what is wrong and tries the receivers; nobody else may, and no secret is in an answer.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createWatch } from '../../src/alerts/watch.ts'
import { quickYaml, startGateway } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'

let gateway: Gateway
let chat: Server
let posted = 0
let isDown = false

beforeAll(async () => {
  chat = createServer((request, response) => {
    posted += 1
    request.resume()
    response.writeHead(isDown ? 500 : 200).end('ok')
  })
  await new Promise<void>((resolve) => chat.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(chat.address() as AddressInfo).port}/services/T0/the-secret-of-the-chat`
  gateway = await startGateway({
    yaml: `${quickYaml}
network: { allow_hosts: [127.0.0.1] }
alerts: { receivers: { night: { type: slack, url: "${url}" }, day: { type: slack, url_env: NOT_SET } } }
`,
  })
})
afterAll(async () => {
  await gateway.stop()
  await new Promise((resolve) => chat.close(resolve))
})

test('a test goes to the receiver that is named, and is answered with what became of it', async () => {
  const { status, json } = await gateway.operator('POST', '/alerts/test', { receiver: 'night' })
  expect(status).toBe(200)
  expect(json.data).toEqual({
    ok: true,
    results: [{ receiver: 'night', type: 'slack', ok: true, status: 200, error: null }],
  })
  expect(posted).toBe(1)
})

test('one that is down, and one whose secret is not there, are told apart, without a secret', async () => {
  isDown = true
  const { text, json } = await gateway.operator('POST', '/alerts/test', {})
  isDown = false
  expect(json.data).toMatchObject({
    ok: false,
    results: [
      { receiver: 'night', ok: false, status: 500 },
      { receiver: 'day', ok: false, status: null, error: 'url_env of this receiver gives nothing.' },
    ],
  })
  expect(text).not.toContain('the-secret-of-the-chat')
})

test('a name that there is not is refused, and nothing is sent', async () => {
  const before = posted
  const { status, json } = await gateway.operator('POST', '/alerts/test', { receiver: 'nihgt' })
  expect(status).toBe(404)
  expect(json.error).toMatchObject({ type: 'not_found', field: 'receiver' })
  expect(json.error.message).toContain('night, day')
  expect(posted).toBe(before)
})

test('alerts are listed newest first by pages, those that are not over alone where asked for', async () => {
  const findings = ['a', 'b', 'c'].map((subject) => ({ subject, facts: { waiting: 1, minutes: 12 } }))
  await createWatch(gateway.app.ctx, [
    { name: 'oldest_waiting', scope: 'store', afterMs: 0, find: async () => findings },
  ]).turn()
  const first = (await gateway.operator('GET', '/alerts?limit=2')).json.data
  expect(first.alerts.map(({ subject }: { subject: string }) => subject)).toEqual(['c', 'b'])
  const second = (await gateway.operator('GET', `/alerts?limit=2&cursor=${first.next_cursor}`)).json.data
  expect(second).toMatchObject({ alerts: [{ subject: 'a', recovered_at: null }], next_cursor: null })
  const firing = (await gateway.operator('GET', '/alerts?state=firing')).json.data.alerts
  expect(firing).toHaveLength(3)
  expect(firing[0]).toMatchObject({
    rule: 'oldest_waiting',
    title: 'Orders wait long',
    text: expect.stringContaining('12 minutes'),
    messages: [
      { kind: 'fired', receiver: 'night' },
      { kind: 'fired', receiver: 'day' },
    ],
  })
  expect((await gateway.operator('GET', '/alerts?cursor=x')).status).toBe(422)
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
  expect(metrics).toContain('tollgate_alerts_firing{rule="oldest_waiting"} 3')
})

test('a customer neither reads alerts nor sends any', async () => {
  const { key } = await gateway.customer(100)
  for (const [method, path] of [
    ['GET', '/alerts'],
    ['POST', '/alerts/test'],
  ] as const) {
    const body = method === 'POST' ? { body: {} } : {}
    expect((await gateway.call(method, `/admin/v1${path}`, { key, ...body })).status).toBe(401)
  }
})
