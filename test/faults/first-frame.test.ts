// kill -9 before, between and after the steps of orders that make their first frame first: nothing is ordered twice or lost.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { adminToken, ask, cleanUpAfterwards, newFolder, serving, tollgate } from '../cli/command.ts'
import type { Serving } from '../cli/command.ts'
import { until } from '../support/gateway.ts'
import { chanceFor, rounds, wholeBetween } from './support/rounds.ts'

cleanUpAfterwards()

const yaml = `
catalog: keevx
upstreams:
  keevx:
    submit: { queue_for: 30s, timeout: 5s, after_429: 50ms, after_5xx: 50ms }
    image: { poll_every: 30ms, give_up_after: 10s }
    video: { poll_every: 30ms, give_up_after: 10s }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
media: { store: none }
`
const granted = 1_000_000
const ordersOfRound = 12
const endsWithinMs = 60_000

let sandbox: Sandbox
let folder: string
let env: Record<string, string>
let key: string
let living: Serving | undefined
const serve = async (): Promise<Serving> => (living = await serving(folder, ['serve'], { env }))

async function kill(gateway: Serving): Promise<void> {
  gateway.kill('SIGKILL')
  await gateway.ended
}

beforeAll(async () => {
  sandbox = await startSandbox({ apiKey: 'upstream-key', imageMs: 60, videoMs: 60, callbacks: false })
  folder = newFolder()
  writeFileSync(join(folder, 'tollgate.yaml'), yaml)
  env = { KEEVX_API_KEY: 'upstream-key', KEEVX_BASE_URL: sandbox.baseUrl, LOG_LEVEL: 'warn' }
  const gateway = await serve()
  const account = { name: 'a', credits: granted }
  const { id } = (await ask(`${gateway.url}/admin/v1/accounts`, adminToken, account)).data
  key = (await ask(`${gateway.url}/admin/v1/accounts/${id}/keys`, adminToken, { name: 'k' })).data.key
  await kill(gateway)
})
afterAll(async () => await sandbox.close())
afterEach(async () => {
  if (living) await kill(living)
})

const ended = async ({ url }: Serving, id: string) =>
  await until(
    async () => (await ask(`${url}/api/v1/tasks/${id}`, key)).data,
    ({ task_status: status }) => status >= 3,
    endsWithinMs,
  )

const acknowledged: { readonly id: string; readonly prompt: string }[] = []

describe('kill -9 around the steps of an order', () => {
  test.for(rounds)('round %i: each step is ordered once at most, and every order ends', async (round) => {
    const chance = chanceFor('first frame', round)
    const first = await serve()
    for (let at = 0; at < ordersOfRound; at += 1) {
      const prompt = `${chance.between(0, 1) < 0.2 ? 'to fail' : 'a heron'} ${round} ${at}`
      const body = { model_id: 'keevx-s', prompt }
      const { data } = await ask(`${first.url}/api/v1/tasks/create`, key, body)
      acknowledged.push({ id: data.task_id, prompt })
      await setTimeout(chance.between(0, 30))
    }
    await setTimeout(wholeBetween(chance, 0, 150))
    await kill(first)
    // The second one may die while it takes over.
    const second = await serve()
    await setTimeout(wholeBetween(chance, 0, 150))
    await kill(second)

    const gateway = await serve()
    let spent = 0
    let succeeded = 0
    for (const { id, prompt } of acknowledged) {
      const task = await ended(gateway, id)
      spent += task.credits - task.credits_refunded
      succeeded += task.task_status === 3 ? 1 : 0
      const works = sandbox.submissions.filter(({ body }) => body['prompt'] === prompt)
      const of = (operation: string) => works.filter((work) => work.operation === operation).length
      const made = [of('image_generate'), of('image_to_video')]
      expect(Math.max(...made), prompt).toBeLessThanOrEqual(1)
      if (task.task_status === 3) expect(made, prompt).toEqual([1, 1])
      if (prompt.startsWith('to fail')) expect([task.task_status, made[1]], prompt).toEqual([4, 0])
    }
    const { balance } = (await ask(`${gateway.url}/api/v1/credits`, key)).data
    expect(balance).toBe(granted - spent)
    expect(succeeded).toBeGreaterThan(0)
    const { code, json } = await tollgate(folder, ['ledger', 'verify', '--json'], { env })
    expect({ code, json }).toMatchObject({ code: 0, json: { ok: true } })
  })
})
