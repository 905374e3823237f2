// What becomes of a delivery by what its receiver answers: taken, tried again by the schedule, or over.
import { readFileSync, writeFileSync } from 'node:fs'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { resend } from '../../src/webhooks/deliveries.ts'
import { readEndpoint } from '../../src/webhooks/endpoint.ts'
import { renewSecret } from '../../src/webhooks/signing/secrets.ts'
import { until } from '../support/gateway.ts'
import { startReceiver, status } from '../support/receiver.ts'
import type { Receiver } from '../support/receiver.ts'
import { openWebhookHarness } from './webhook-harness.ts'
import type { WebhookHarness } from './webhook-harness.ts'

const hourMs = 60 * 60_000
const noConnection = 'The host has no public address, or takes no connection there.'

const oddities: readonly (readonly [string, Receiver['answer'], number | null, string])[] = [
  ['a 500', status(500), 500, 'It answered HTTP 500.'],
  ['a 404', status(404), 404, 'It answered HTTP 404.'],
  ['a redirect', status(301, { location: 'http://127.0.0.1:1/' }), 301, 'It redirects, which is not'],
  ['silence', () => undefined, null, 'No answer in time.'],
  ['a broken connection', (response) => void response.socket?.destroy(), null, 'What came back was no whole'],
  ['garbage', (response) => void response.socket?.end('hello\r\n\r\n'), null, 'What came back was no whole'],
  ['an endless 500', (response) => void response.writeHead(500).write('x'), 500, 'It answered HTTP 500.'],
]

test.each(oddities)('%s is tried again', async (_what, answer, lastStatus, words) => {
  const { domain, fail, turn, log } = await openWebhookHarness({ timeout: '2s' })
  const receiver = await startReceiver(answer)
  await fail(receiver.url)
  expect(await turn()).toBe(1)
  const [after] = await log()
  expect(after).toMatchObject({ state: 'pending', attemptsMade: 1, lastStatus })
  expect(after?.lastError).toContain(words)
  expect(await turn(), 'not before its time').toBe(0)
  receiver.answer = status(200)
  domain.clock.advance(6_000)
  expect(await turn()).toBe(1)
  expect(await log()).toMatchObject([
    { state: 'delivered', attemptsMade: 2, lastStatus: 200, lastError: null },
  ])
  expect(receiver.told).toHaveLength(2)
})

test.each([
  ['a redirect is not followed', 301],
  ['nor one that keeps the method', 308],
])('%s', async (_what, code) => {
  const { fail, turn } = await openWebhookHarness()
  const elsewhere = await startReceiver()
  const receiver = await startReceiver(status(code, { location: elsewhere.url }))
  await fail(receiver.url)
  await turn()
  expect(receiver.told).toHaveLength(1)
  expect(elsewhere.told).toEqual([])
})

test('a 200 with a huge answer is taken, and the answer not read', async () => {
  const { fail, turn, log } = await openWebhookHarness()
  const receiver = await startReceiver((response) => {
    response.writeHead(200, { 'content-length': String(10 ** 9) }).write(Buffer.alloc(1_000_000))
  })
  await fail(receiver.url)
  await turn()
  expect(await log()).toMatchObject([{ state: 'delivered', lastStatus: 200 }])
})

test('nobody there, a private address and a name that leads nowhere are told apart by nobody', async () => {
  const { fail, turn, log, domain } = await openWebhookHarness()
  const dead = await startReceiver()
  await dead.close()
  await fail(dead.url)
  await fail('https://receiver.invalid/hook')
  await fail('https://elsewhere.invalid/hook')
  // As it would be if the operator had taken a host off network.allow_hosts.
  const { db } = domain.ctx
  const [row] = await db.read.select().from(db.read.tables.webhookDeliveries)
  await db.transaction((tx) => tx.update(tx.tables.webhookDeliveries).set({ url: 'http://10.0.0.1/' }))
  await turn()
  expect(row).toBeDefined()
  expect(new Set((await log()).map(({ lastError }) => lastError))).toEqual(new Set([noConnection]))
})

test('410 ends a delivery to a request’s URL, and that alone', async () => {
  const { fail, turn, log } = await openWebhookHarness()
  const receiver = await startReceiver(status(410))
  await fail(receiver.url)
  await turn()
  expect(await log()).toMatchObject([{ state: 'failed', attemptsMade: 1, lastStatus: 410 }])
  receiver.answer = status(200)
  await fail(receiver.url)
  await turn()
  expect((await log())[0]).toMatchObject({ state: 'delivered' })
})

test('410 switches the account’s URL off until it is named again; what it missed can be resent', async () => {
  const { domain, caller, fail, turn, log, name } = await openWebhookHarness()
  const receiver = await startReceiver(status(410))
  await name(receiver.url)
  await Promise.all([fail(), fail(), fail()])
  await turn(1)
  const endpoint = async () => await readEndpoint(domain.ctx.db.read, caller.accountId, domain.clock.now())
  expect(await endpoint()).toMatchObject({ url: receiver.url, disabledAt: domain.clock.now() })
  await fail()
  expect((await log()).map(({ state }) => state)).toEqual(Array(4).fill('failed'))
  domain.clock.advance(10 * hourMs)
  expect(await turn()).toBe(0)
  const [missed] = await log()
  const again = () => resend(domain.ctx, caller.accountId, { id: missed?.id ?? '', dataOf: async () => ({}) })
  await expect(again()).rejects.toMatchObject({ type: 'invalid_request' })

  receiver.answer = status(200)
  await name(receiver.url)
  expect(await endpoint()).toMatchObject({ disabledAt: null })
  await again()
  await fail()
  expect(await turn()).toBe(2)
  expect((await log()).filter(({ state }) => state === 'delivered')).toHaveLength(2)
})

test('what waits for the account’s URL goes to the one it names next, and nowhere once there is none', async () => {
  const { fail, turn, log, name, domain } = await openWebhookHarness()
  const [first, second] = [await startReceiver(status(500)), await startReceiver()]
  await name(first.url)
  await fail()
  await turn()
  await name(second.url)
  domain.clock.advance(6_000)
  await turn()
  expect([first.told.length, second.told.length]).toEqual([1, 1])
  await fail()
  await name(null)
  expect(await turn()).toBe(0)
  expect((await log())[0]).toMatchObject({ state: 'failed', lastError: expect.stringContaining('removed') })
})

describe('while the account’s URL is being told', () => {
  /** A delivery to the first URL is under way; when `rename` is over, it answers. */
  async function meanwhile(
    code: number,
    rename: (harness: WebhookHarness, first: string) => Promise<void>,
  ): Promise<WebhookHarness> {
    const harness = await openWebhookHarness()
    let answer = (): void => undefined
    const first = await startReceiver((response) => {
      answer = () => status(code)(response)
    })
    await harness.name(first.url)
    await harness.fail()
    const turn = harness.turn()
    await until(
      () => first.told.length,
      (told) => told === 1,
    )
    await rename(harness, first.url)
    answer()
    await turn
    return harness
  }

  test.each([200, 410, 500])(
    'another is named: it is told, whatever the first one answers (%i)',
    async (code) => {
      const second = await startReceiver()
      const harness = await meanwhile(code, async ({ name }) => await name(second.url))
      expect(await harness.log()).toMatchObject([{ state: 'pending', url: second.url, attemptsMade: 0 }])
      await harness.turn()
      expect(second.told).toHaveLength(1)
      expect(await harness.log()).toMatchObject([{ state: 'delivered', url: second.url, lastStatus: 200 }])
      const { domain, caller } = harness
      expect(await readEndpoint(domain.ctx.db.read, caller.accountId, domain.clock.now())).toMatchObject({
        url: second.url,
        disabledAt: null,
      })
    },
  )

  test('the same is named again: its 410 from before switches nothing off', async () => {
    const { domain, caller, log } = await meanwhile(410, async ({ name }, first) => await name(first))
    expect(await readEndpoint(domain.ctx.db.read, caller.accountId, domain.clock.now())).toMatchObject({
      disabledAt: null,
    })
    expect(await log()).toMatchObject([{ state: 'pending' }])
  })
})

test.each([
  ['seconds', '120', 120_000],
  ['a date', new Date(Date.UTC(2030, 0, 1, 0, 10)).toUTCString(), 600_000],
  ['a month', '2592000', hourMs],
  ['less than the schedule', '1', 5_000],
  ['nonsense', 'later', 5_000],
])('429 with a Retry-After of %s is heard within reason', async (_what, retryAfter, pauseMs) => {
  const { domain, fail, turn, log } = await openWebhookHarness()
  const receiver = await startReceiver(status(429, { 'retry-after': retryAfter }))
  await fail(receiver.url)
  await turn()
  const [after] = await log()
  const waits = (after?.dueAt ?? 0) - domain.clock.now()
  expect(waits).toBeGreaterThanOrEqual(pauseMs)
  expect(waits).toBeLessThanOrEqual(pauseMs * 1.1)
})

test('the published schedule is walked to its end, and once more when three days are over, under one id, and then given up', async () => {
  const schedule = '[5s, 5m, 30m, 2h, 5h, 10h, 14h, 20h]'
  const { domain, caller, fail, turn, log } = await openWebhookHarness({ schedule })
  const { secret } = await renewSecret(domain.ctx, caller.accountId)
  const receiver = await startReceiver(status(503))
  await fail(receiver.url)
  const startedAt = domain.clock.now()
  const triedAt: number[] = []
  for (let [one] = await log(); one?.dueAt != null; [one] = await log()) {
    domain.clock.advance(one.dueAt - domain.clock.now())
    triedAt.push((domain.clock.now() - startedAt) / hourMs)
    expect(await turn()).toBe(1)
  }
  expect(triedAt).toHaveLength(10)
  expect(triedAt.at(-2)).toBeGreaterThanOrEqual(51.5)
  expect(triedAt.at(-2)).toBeLessThanOrEqual(51.6 * 1.1)
  expect(triedAt.at(-1)).toBe(72)
  expect(triedAt).toEqual(triedAt.toSorted((one, other) => one - other))
  expect(await log()).toMatchObject([{ state: 'failed', attemptsMade: 10 }])
  expect(new Set(receiver.told.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(new Set(receiver.told.map(({ body }) => body)).size).toBe(1)
  // Each try is signed with its own time.
  expect(new Set(receiver.told.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(10)
  const published = new Webhook(secret)
  for (const { headers, body } of receiver.told) {
    const triedAtMs = Number(headers['webhook-timestamp']) * 1000
    const signature = published.sign(String(headers['webhook-id']), new Date(triedAtMs), body)
    expect(headers['webhook-signature']).toBe(signature)
  }
})

test('without the sealing key nothing is sent unsigned: it waits, and leaves when the key is back', async () => {
  const { domain, caller, fail, turn, log } = await openWebhookHarness()
  const receiver = await startReceiver()
  await renewSecret(domain.ctx, caller.accountId)
  await fail(receiver.url)
  const file = `${domain.ctx.config.dataDir}/sealing.key`
  const right = readFileSync(file)
  for (const wrong of ['', 'nonsense', `${Buffer.alloc(32, 7).toString('base64')}\n`]) {
    writeFileSync(file, wrong)
    expect(await turn()).toBe(1)
    expect(await log()).toMatchObject([{ state: 'pending', attemptsMade: 0, lastStatus: null }])
    domain.clock.advance(60_000)
  }
  expect(receiver.told).toEqual([])
  writeFileSync(file, right)
  await turn()
  expect(receiver.told[0]?.headers['webhook-signature']).toMatch(/^v1,/)
})
