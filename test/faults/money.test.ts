// Hundreds of tasks fail at once while all who can notice it do, and much changes meanwhile: the money stays right.
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { adminToken, ask, tollgate } from '../cli/command.ts'
import { until } from '../support/gateway.ts'
import { freePort } from '../support/port.ts'
import { startLoad } from './support/clients.ts'
import { inWords, checkInvariants } from './support/invariants.ts'
import { call, operator } from './support/outside.ts'
import { chanceFor, rounds } from './support/rounds.ts'
import { endScenesAfterwards, openScene, patientYaml, start, yamlWith } from './support/scene.ts'
import type { Gateway, Scene } from './support/scene.ts'

endScenesAfterwards()

const ordersMin = 150
const releasedMaxMs = 30_000
/** Orders whose answer was lost run into their limit while the others fail. */
const yaml = yamlWith({ timeoutMs: 600, giveUpAfterMs: 5_000 })

test.for(rounds)(
  'round %i: in a storm of refunds, killed in the middle, each task gives back once',
  async (round) => {
    const chance = chanceFor('refunds', round)
    const scene = await openScene({ yaml, chaos: [String(chance.share()), 'doomed'] })
    const env = await callable()
    const gateway = await start(scene, { env })
    const load = startLoad(scene, gateway, { chance, pauseMs: 20 })
    await load.reached(ordersMin)
    scene.upstream.release()
    // Polls, callbacks, the limit and customers' questions all meet, and then nobody is there any more.
    const before = (await states(gateway)).failed
    const enough = before + chance.between(10, 100)
    const { failed: atKill } = await until(
      () => states(gateway),
      ({ failed }) => failed >= enough,
      releasedMaxMs,
    )
    await setTimeout(chance.between(0, 40))
    await gateway.kill()
    await load.stop()

    const next = await start(scene, { env })
    const { open: leftOpen } = await states(next)
    scene.upstream.release()
    const { problems, ...counts } = await checkInvariants(scene, next)
    expect(problems).toEqual([])
    expect(await balances(scene, next)).toEqual(scene.customers.map(({ granted }) => granted))
    await until(
      () => scene.upstream.told().filter(({ kind }) => kind === 'released').length,
      (times) => times > 1,
    )
    expect(
      (await checkInvariants(scene, next)).problems,
      'nor does anything that comes later give back again',
    ).toEqual([])
    console.log(
      `round ${round}: ${atKill} had failed when it was killed, ${leftOpen} were open; ${inWords(counts)}`,
    )
    expect(leftOpen, 'it was killed in the middle').toBeGreaterThan(0)
    expect(counts.succeeded).toBe(0)
    const { code, json } = await tollgate(scene.folder, ['ledger', 'verify', '--json'], { env: scene.env })
    expect({ code, json }).toMatchObject({ code: 0, json: { ok: true } })
    await next.kill()
  },
)

test.for(rounds)(
  'round %i: price, key and account change under open tasks, and each keeps its terms',
  async (round) => {
    const chance = chanceFor('terms', round)
    const scene = await openScene({ yaml: patientYaml, chaos: [String(chance.share()), 'held'] })
    const env = await callable()
    const gateway = await start(scene, { env })
    const load = startLoad(scene, gateway, { chance, pauseMs: 20 })
    await load.reached(30)
    await load.stop()

    appendFileSync(join(scene.folder, 'tollgate.yaml'), dearerModels)
    await operator(gateway.url, '/models/reload', {})
    const renewed = await changeKeys(scene, gateway)
    for (const { key } of scene.customers)
      expect((await call(`${gateway.url}/api/v1/credits`, key)).status, 'the old key is nobody’s').toBe(401)
    await orderDearly(renewed, gateway)
    for (const { accountId, key } of renewed.customers) {
      await ask(`${gateway.url}/admin/v1/accounts/${accountId}`, adminToken, { status: 'suspended' }, 'PATCH')
      const refused = await call(`${gateway.url}/api/v1/tasks/create`, key, dearOrder)
      expect(refused.json.error?.type).toBe('account_suspended')
    }
    expect((await states(gateway)).open, 'tasks were open all the while').toBeGreaterThan(30)

    scene.upstream.release()
    const { problems, ...counts } = await checkInvariants(renewed, gateway)
    console.log(`round ${round}: ${inWords(counts)}`)
    expect(problems).toEqual([])
    expect(counts.succeeded).toBeGreaterThan(0)
    expect(counts.failed).toBeGreaterThan(0)
    await gateway.kill()
  },
)

async function callable(): Promise<Record<string, string>> {
  const port = String(await freePort())
  return { PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` }
}

async function states({ url }: Gateway): Promise<{ failed: number; open: number }> {
  const { tasks } = await operator(url, '/stats')
  const counts = Object.entries(tasks as Record<string, number>)
  const open = counts.filter(([state]) => !/^(succeeded|failed)$/.test(state))
  return { failed: tasks.failed ?? 0, open: open.reduce((sum, [, count]) => sum + count, 0) }
}

async function balances({ customers }: Scene, { url }: Gateway): Promise<number[]> {
  const told = customers.map(async ({ key }) => (await call(`${url}/api/v1/credits`, key)).json.data.balance)
  return await Promise.all(told)
}

const dearCredits = 77
const dearOrder = { model_id: 'gpt-image-2', prompt: 'plain 1K dear', resolution: '1K', generate_count: 2 }
const dearerModels = `
models:
  gpt-image-2:
    name: Dearer
    capability: text / image to image
    defaults: { aspect_ratio: "1:1", resolution: 2K }
    price: { credits: ${dearCredits} }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: pro } }]
`

/** Every customer gets a new key, and the old ones end. */
async function changeKeys(scene: Scene, { url }: Gateway): Promise<Scene> {
  const customers = await Promise.all(
    scene.customers.map(async (customer) => {
      const path = `/accounts/${customer.accountId}/keys`
      const { keys } = await operator(url, path)
      const { key } = await operator(url, path, { name: 'second' })
      for (const { id } of keys) await ask(`${url}/admin/v1/keys/${id}`, adminToken, undefined, 'DELETE')
      return { ...customer, key }
    }),
  )
  return { ...scene, customers }
}

/** One order at the new price beside those at the old one. */
async function orderDearly({ customers: [customer], orders }: Scene, { url }: Gateway): Promise<void> {
  if (!customer) throw new Error('the scene has no customers')
  const { json } = await call(`${url}/api/v1/tasks/create`, customer.key, dearOrder)
  const { request_id: requestId, task_ids: taskIds } = json.data
  const { prompt, generate_count: count } = dearOrder
  const order = { customer, prompt, count, creditsEach: dearCredits, requestId, taskIds, words: '' }
  orders.set(prompt, { ...order, told: 'acknowledged' })
}
