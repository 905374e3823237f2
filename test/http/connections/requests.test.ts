// Requests of one connection are answered in their order, and what comes behind them is never taken for their answer.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, until } from '../../support/gateway.ts'
import type { Customer, Gateway } from '../../support/gateway.ts'
import { metric, stranger } from './sockets.ts'

const headTimeoutMs = 200
const checkEveryMs = 20
let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  const connections = { headTimeoutMs, bodyTimeoutMs: headTimeoutMs, checkEveryMs }
  gateway = await startGateway({ bounds: { connections } })
  customer = await gateway.customer(10_000)
})
afterAll(async () => await gateway.stop())

const asking = (more = '') => `Host: a\r\nAuthorization: Bearer ${customer.key}\r\n${more}\r\n`
const credits = (more = '') => `GET /api/v1/credits HTTP/1.1\r\n${asking(more)}`
const body = JSON.stringify({ model_id: 'gpt-image-2', prompt: 'a garden' })
const create = (more = '') =>
  `POST /api/v1/tasks/create HTTP/1.1\r\n${asking(`${more}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`)}${body}`
const statuses = (heard: string) => [...heard.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)

/** A connection that waits for a task, with something behind that. */
async function behindAWait(says: string) {
  gateway.sandbox.freeze('all')
  const { taskId, ended } = await frozen()
  const one = await stranger(gateway, {
    says: `GET /api/v1/tasks/${taskId}?wait=60 HTTP/1.1\r\n${asking()}${says}`,
  })
  await until(
    () => metric(gateway, 'waiters'),
    (count) => count === 1,
  )
  return { one, ended }
}

async function frozen() {
  const made = await customer.create({ model_id: 'gpt-image-2', prompt: 'a garden' })
  const taskId: string = made.json.data.task_id
  const ended = () => {
    for (const { taskIds } of gateway.sandbox.submissions) {
      gateway.sandbox.finish(taskIds[0] ?? '', 'SUCCEEDED')
    }
  }
  return { taskId, ended }
}

/** Strangers who came later, and who are cut off by then: so long has everything else lain here. */
async function whenOthersAreCutOff(): Promise<void> {
  for (let each = 0; each < 3; each += 1) {
    const late = await stranger(gateway, { says: 'GET /healthz HTTP/1.1\r\nHo' })
    await until(late.heard, (heard) => heard.includes('HTTP/1.1 408'))
  }
}

const long = `X-Long: ${'a'.repeat(900)}\r\n`.repeat(12)
test.each([
  ['forty requests', () => credits().repeat(40), 40],
  ['requests with long headers', () => credits(long).repeat(9), 9],
  ['orders', () => create().repeat(25), 25],
  ['a body that is longer than is read ahead', () => create(long).repeat(3), 3],
])('%s behind a wait lie as long as it takes, and are answered', async (_what, says, count) => {
  const { one, ended } = await behindAWait(says())
  await whenOthersAreCutOff()
  ended()
  await until(
    () => statuses(one.heard()).length,
    (answers) => answers === count + 1,
  )
  expect(new Set(statuses(one.heard()))).toEqual(new Set(['200']))
  expect(one.isClosed()).toBe(false)
})

test.each([
  ['half of a head', 'GET /healthz HTTP/1.1\r\nHo', '408'],
  ['no HTTP', 'garbage\r\n\r\n', '400'],
  ['too long a head', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(17_000)}\r\n\r\n`, '431'],
])('what came whole is answered first, and then %s', async (_what, says, status) => {
  const { one, ended } = await behindAWait(credits() + create() + credits() + says)
  await whenOthersAreCutOff()
  expect(one.heard()).toBe('')
  ended()
  await one.closed
  expect(statuses(one.heard())).toEqual(['200', '200', '200', '200', status])
})

test('half of a head behind a wait may lie as long as the wait takes, and is answered with the rest', async () => {
  const { one, ended } = await behindAWait('GET /healthz HTTP/1.1\r\nHo')
  await whenOthersAreCutOff()
  one.socket.write('st: a\r\n\r\n')
  ended()
  await until(
    () => statuses(one.heard()).length,
    (answers) => answers === 2,
  )
  expect(statuses(one.heard())).toEqual(['200', '200'])
  expect(one.isClosed()).toBe(false)
})

const chunked = 'POST /api/v1/tasks/create HTTP/1.1\r\n'
test('an order in too many chunks behind others is refused after their answers', async () => {
  const head = chunked + asking('Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n')
  const { one, ended } = await behindAWait(credits() + credits() + head + '1\r\n{\r\n'.repeat(30_000))
  ended()
  await one.closed
  expect(statuses(one.heard())).toEqual(['200', '200', '200', '400'])
})

test.each([
  ['a body that stops', () => create().slice(0, -3)],
  ['a body that stops, behind an answer', () => credits() + create().slice(0, -3)],
  ['a head that stops', () => credits().slice(0, -3)],
  ['a body that nobody wants, and stops', () => create().replace(customer.key, 'sk-none').slice(0, -3)],
])('%s is waited for as long as it may take, and no longer', async (_what, says) => {
  const one = await stranger(gateway, { says: says() })
  await one.closed
  expect(statuses(one.heard()).length).toBeLessThanOrEqual(2)
})

const upgrades = [
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n',
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n',
  'Connection: keep-alive, upgrade\r\nUpgrade: TLS/1.2\r\n',
]
test.each(upgrades)('an upgrade is passed over, and what came with it is answered: %j', async (upgrade) => {
  const before = await customer.balance()
  const says = [
    credits(upgrade),
    create(upgrade),
    credits(upgrade),
    credits(),
    create(),
    create(upgrade),
    credits(),
  ]
  const one = await stranger(gateway, { says: says.join('') })
  await until(
    () => statuses(one.heard()).length,
    (answers) => answers === says.length,
  )
  expect(new Set(statuses(one.heard()))).toEqual(new Set(['200']))
  expect(one.isClosed()).toBe(false)
  expect(before - (await customer.balance())).toBe(3 * 15)
})
