// A tollgate before a tollgate that is killed again and again: each order is made once at most, and both ledgers agree.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import { freePort } from '../support/port.ts'
import { receiverYaml } from '../support/receiver.ts'
import { adminToken, ask, cleanUpAfterwards, newFolder, serving } from './command.ts'

cleanUpAfterwards()

const yaml = quickYaml + receiverYaml()
const upstream = await startSandbox({ apiKey: 'upstream-key', imageMs: 100 })
afterAll(async () => await upstream.close())

test('kill -9 of the inner one under load makes no order twice, and what failed there is refunded here', async () => {
  const folder = newFolder()
  // An order that was being posted when it died is given up soon: its callback found nobody.
  writeFileSync(join(folder, 'tollgate.yaml'), yaml.replaceAll('give_up_after: 5m', 'give_up_after: 15s'))
  const port = await freePort()
  const env = {
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    KEEVX_API_KEY: 'upstream-key',
    KEEVX_BASE_URL: upstream.baseUrl,
  }
  let inner = await serving(folder, ['serve'], { env })
  const operator = async (path: string, body?: unknown) =>
    (await ask(`${inner.url}/admin/v1${path}`, adminToken, body)).data
  const { id: account } = await operator('/accounts', { name: 'reseller', credits: 10_000 })
  const { key } = await operator(`/accounts/${account}/keys`, { name: 'outer' })

  const outerPort = await freePort()
  const outer = await startGateway({
    yaml,
    upstreamUrl: `${inner.url}/keevx/v1`,
    env: { KEEVX_API_KEY: key, PORT: String(outerPort), PUBLIC_URL: `http://127.0.0.1:${outerPort}` },
  })
  try {
    const customer = await outer.customer(10_000)
    const ids: string[] = []
    for (let round = 0; round < 3; round += 1) {
      const orders = Array.from({ length: 8 }, async (_, at) => {
        const prompt = `${round}-${at}`
        ids.push((await customer.create({ model_id: 'nano-banana-2', prompt })).json.data.task_id)
      })
      await Promise.all(orders)
      const wanted = upstream.submissions.length + 2
      await until(
        () => upstream.submissions.length,
        (count) => count >= wanted,
      )
      inner.kill('SIGKILL')
      await inner.ended
      inner = await serving(folder, ['serve'], { env })
    }
    const tasks = []
    for (const id of ids) tasks.push(await customer.ended(id))
    const made = tasks.filter(({ task_status: status }) => status === 3)
    expect(made.length).toBeGreaterThan(0)
    const prompts = upstream.submissions.map(({ body }) => String(body['prompt']))
    expect(prompts).toHaveLength(new Set(prompts).size)
    expect(await customer.balance()).toBe(10_000 - 10 * made.length)
    // The inner one charges what it made, and nothing else.
    const settled = await until(
      async () => await operator(`/accounts/${account}`),
      ({ tasks_in_flight: open }) => open === 0,
    )
    // What it made while the outer one had given up waiting for an answer is charged too: that is the reseller's risk.
    const there = await operator(`/tasks?account=${account}&status=3&limit=100`)
    expect(settled.balance).toBe(10_000 - 10 * there.tasks.length)
    expect(there.tasks.length).toBeGreaterThanOrEqual(made.length)
    expect(await operator('/ledger/verify')).toMatchObject({ ok: true })
  } finally {
    await outer.stop()
  }
})
