// kill -9 between the end of a task and its webhook, and receivers that fail, hang and live side by side: each end is told.
import type { ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Chance } from '../../sandbox/draw/chance.ts'
import { until } from '../support/gateway.ts'
import { headersOf, startReceiver, status } from '../support/receiver.ts'
import type { Receiver } from '../support/receiver.ts'
import { startLoad } from './support/clients.ts'
import { inWords, checkInvariants } from './support/invariants.ts'
import { call, everyPage } from './support/outside.ts'
import { chanceFor, rounds, wholeBetween } from './support/rounds.ts'
import { endScenesAfterwards, openScene, start, yamlWith } from './support/scene.ts'
import type { Customer, Gateway, Scene } from './support/scene.ts'

endScenesAfterwards()

/** What a kill leaves in doubt is soon given up. */
const yaml = `${yamlWith({ timeoutMs: 2_000, giveUpAfterMs: 4_000 })}
network: { allow_hosts: [127.0.0.1] }
webhooks: { timeout: 2s, schedule: [50ms, 50ms, 50ms, 100ms, 100ms, 200ms, 1s, 1s, 1s] }
`

let scene: Scene
let rich: Customer
let poor: Customer
beforeAll(async () => {
  scene = await openScene({ yaml })
  ;[rich, poor] = scene.customers as [Customer, Customer]
})

/** Another URL for the account, as its owner names it. */
async function name({ url }: Gateway, { key }: Customer, receiver: Receiver): Promise<void> {
  const answer = await fetch(`${url}/api/v1/webhooks`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: receiver.url }),
  })
  expect(await answer.json()).toMatchObject({ code: 200 })
}

const secretOf = async ({ url }: Gateway, { key }: Customer): Promise<string> =>
  (await call(`${url}/api/v1/webhooks/secret`, key, {})).json.data.secret

const deliveriesOf = async ({ url }: Gateway, { key }: Customer): Promise<any[]> =>
  await everyPage(url, key, '/api/v1/webhooks/deliveries', 'deliveries')

/** Takes most, and does to the others what receivers do. */
const moody =
  (chance: Chance) =>
  (response: ServerResponse): void => {
    const mood = chance.share()
    if (mood < 0.15) response.writeHead(500).end()
    else if (mood < 0.25) response.socket?.destroy()
    else response.writeHead(204).end()
  }

/** Everything that a receiver was told, by task; what does not verify is thrown. */
function eventsOf({ told }: Receiver, secret: string | null): Map<string, any[]> {
  const events = told.map((one): any =>
    secret === null ? JSON.parse(one.body) : new Webhook(secret).verify(one.body, headersOf(one)),
  )
  return Map.groupBy(events, ({ data }): string => data.task_id)
}

/** One event for each task, whose words are those of GET. */
function brokenEvents(tasks: readonly any[], events: ReadonlyMap<string, readonly any[]>): string[] {
  return tasks.flatMap((task) => {
    const [event, ...more] = new Set(events.get(task.task_id)?.map((one) => JSON.stringify(one)))
    if (event === undefined) return [`${task.task_id} ended and was never told`]
    if (more.length > 0) return [`${task.task_id} was told in different words: ${event} and ${more.join()}`]
    const { type, data } = JSON.parse(event)
    const kind = task.task_status === 3 ? 'task.succeeded' : 'task.failed'
    const isSame = type === kind && JSON.stringify(data) === JSON.stringify(task)
    return isSame ? [] : [`${task.task_id} was told as ${event} and is ${JSON.stringify(task)}`]
  })
}

/** In which round a task was told does not matter, so what one receiver heard is kept for the next. */
const heard = new Map<string, any[]>()

describe('kill -9 under load, beside a receiver that hangs', () => {
  test.for(rounds)('round %i: each end is told at least once, in the same words, signed', async (round) => {
    const chance = chanceFor('webhooks', round)
    const living = await startReceiver(moody(chance))
    const hanging = await startReceiver(() => undefined)
    let gateway = await start(scene)
    const secret = await secretOf(gateway, rich)
    await name(gateway, rich, living)
    await name(gateway, poor, hanging)
    for (const acknowledged of [wholeBetween(chance, 15, 40), wholeBetween(chance, 1, 20)]) {
      const load = startLoad(scene, gateway, { chance, without: ['lost'] })
      await load.reached(acknowledged)
      await setTimeout(chance.between(0, 80))
      await gateway.kill()
      await load.stop()
      gateway = await start(scene)
    }
    const { problems, ...counts } = await checkInvariants(scene, gateway)
    expect(problems).toEqual([])
    const written = await until(
      async () => await deliveriesOf(gateway, rich),
      (all) => all.every((one) => one.status !== 'pending'),
      30_000,
    )
    expect(written.filter((one) => one.status !== 'delivered')).toEqual([])
    for (const [id, events] of eventsOf(living, secret)) heard.set(id, events)
    const tasks = await everyPage(gateway.url, rich.key, '/api/v1/tasks', 'tasks')
    expect(brokenEvents(tasks, heard)).toEqual([])
    expect(hanging.mostAtOnce).toBeLessThanOrEqual(8)
    const ids = new Set(living.told.map(({ headers }) => headers['webhook-id']))
    console.log(`round ${round}: ${living.told.length} POSTs of ${ids.size} webhooks; ${inWords(counts)}`)
    await gateway.stop()
  })
})

describe('kill -9 between the end of a task and its webhook', () => {
  async function order({ url }: Gateway, prompt: string, receiver: Receiver): Promise<string> {
    const body = { model_id: 'gpt-image-2', prompt, resolution: '1K', callback_url: receiver.url }
    const taken = { customer: rich, prompt, count: 1, creditsEach: 15, words: '' }
    const { json } = await call(`${url}/api/v1/tasks/create`, rich.key, body)
    const { task_ids: taskIds, request_id: requestId } = json.data
    scene.orders.set(prompt, { ...taken, told: 'acknowledged', taskIds, requestId })
    return taskIds[0]
  }

  const ended = async ({ url }: Gateway, id: string): Promise<any> =>
    await until(
      async () => (await call(`${url}/api/v1/tasks/${id}`, rich.key)).json.data,
      (task) => task.task_status >= 3,
      20_000,
    )

  test.for(rounds)('round %i: as soon as anybody can see the end', async (round) => {
    const receiver = await startReceiver()
    let gateway = await start(scene)
    for (const word of ['plain', 'failing']) {
      const id = await order(gateway, `${word} 1K seen ${round}`, receiver)
      await ended(gateway, id)
      await gateway.kill()
      gateway = await start(scene)
      await until(
        () => receiver.told.some(({ body }) => body.includes(id)),
        (isTold) => isTold,
      )
      expect(brokenEvents([await ended(gateway, id)], eventsOf(receiver, null))).toEqual([])
    }
    await gateway.stop()
  })

  test.for(rounds)('round %i: after it was sent, before the answer was written down', async (round) => {
    const receiver = await startReceiver(() => undefined)
    let gateway = await start(scene)
    const id = await order(gateway, `plain 1K sent ${round}`, receiver)
    await until(
      () => receiver.told.length,
      (count) => count === 1,
    )
    await gateway.kill()
    receiver.answer = status(200)
    const restartedAt = performance.now()
    gateway = await start(scene)
    await until(
      () => receiver.told.length,
      (count) => count === 2,
    )
    // Nobody waits for the lease of a dead process, which would be half a minute.
    expect(performance.now() - restartedAt).toBeLessThan(15_000)
    const [first, second] = receiver.told
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(second?.body).toBe(first?.body)
    const [delivery] = await until(
      async () => (await deliveriesOf(gateway, rich)).filter((one) => one.task_id === id),
      ([one]) => one.status === 'delivered',
    )
    expect(delivery.id).toBe(first?.headers['webhook-id'])
    const { problems } = await checkInvariants(scene, gateway)
    expect(problems).toEqual([])
    await gateway.stop()
  })
})
