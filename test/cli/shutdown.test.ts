// The process under load: told to stop, it leaves nothing in doubt and loses nothing that it acknowledged.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { quickYaml, until } from '../support/gateway.ts'
import { adminToken, ask, cleanUpAfterwards, newFolder, serving, storeIn } from './command.ts'
import type { Serving } from './command.ts'

cleanUpAfterwards()

const folder = newFolder()
const store = storeIn(folder)
const clientsAtOnce = 8
/** Acknowledged creates after which the signal is sent: some are under way then, and some wait. */
const enough = 60
/** Below the deadline of a submit, which a stop waits for at most. */
const stopMaxMs = 25_000

let upstream: Sandbox
let gateway: Serving
let key = ''
const acknowledged: string[] = []

beforeAll(async () => {
  upstream = await startSandbox({ apiKey: 'upstream-key', imageMs: 20 })
  writeFileSync(join(folder, 'tollgate.yaml'), quickYaml)
  gateway = await serve()
  const { id } = await operator('/accounts', { name: 'Ann', credits: 1_000_000 })
  key = (await operator(`/accounts/${id}/keys`, { name: 'first' })).key
})
afterAll(async () => await upstream.close())

const serve = () =>
  serving(folder, ['serve'], {
    env: { KEEVX_API_KEY: 'upstream-key', KEEVX_BASE_URL: upstream.baseUrl, LOG_LEVEL: 'warn' },
  })
const operator = async (path: string, body?: unknown) =>
  (await ask(`${gateway.url}/admin/v1${path}`, adminToken, body)).data

/** Orders without pause until the gateway is gone, noting what it acknowledged. */
async function order(client: number): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    try {
      const prompt = `a heron, ${client}, ${turn}, ${acknowledged.length}`
      const body = { model_id: 'gpt-image-2', prompt }
      const answer = await ask(`${gateway.url}/api/v1/tasks/create`, key, body)
      if (answer.code === 200) acknowledged.push(answer.data.task_id)
    } catch {
      return
    }
  }
}

/** Sends the signal in the middle of the load. */
async function signalUnderLoad(signal: NodeJS.Signals) {
  upstream.always('submit', { kind: 'delay_after_accept', ms: 300 })
  const aim = acknowledged.length + enough
  const clients = Array.from({ length: clientsAtOnce }, (_, client) => order(client))
  await until(
    () => acknowledged.length,
    (count) => count >= aim,
  )
  const sentAt = performance.now()
  gateway.kill(signal)
  const { code } = await gateway.ended
  const tookMs = performance.now() - sentAt
  await Promise.all(clients)
  upstream.always('submit', null)
  return { code, tookMs }
}

async function allEnd() {
  const open = async () =>
    (await store.rows("SELECT id FROM tasks WHERE state NOT IN ('succeeded', 'failed')")).length
  await until(open, (count) => count === 0)
  const rows = await store.rows<{ id: string; state: string }>('SELECT id, state FROM tasks')
  const states = new Map(rows.map(({ id, state }) => [id, state]))
  expect(acknowledged.filter((id) => !states.has(id))).toEqual([])
  expect(await operator('/ledger/verify')).toMatchObject({ ok: true, drift: [] })
  return states
}

/** Every prompt is another, so two submissions of one prompt are one request that was posted twice. */
function postedTwice(): unknown[] {
  const prompts = upstream.submissions.map(({ body }) => body['prompt'])
  return prompts.filter((prompt, at) => prompts.indexOf(prompt) !== at)
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s in the middle of the load ends it within seconds, with no submit in doubt and nothing lost',
  async (signal) => {
    const { code, tookMs } = await signalUnderLoad(signal)
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(stopMaxMs)
    const counts = await store.rows('SELECT state, count(*) AS count FROM attempts GROUP BY state')
    expect(counts).toEqual([{ state: 'accepted', count: upstream.submissions.length }])
    const doubtful = await store.rows("SELECT id FROM requests WHERE state IN ('submitting', 'unknown')")
    expect(doubtful).toEqual([])
    const waiting = await store.rows("SELECT id FROM requests WHERE state = 'queued'")
    expect(waiting.length, 'there is work left for the next start').toBeGreaterThan(0)

    gateway = await serve()
    const states = await allEnd()
    expect(new Set(states.values())).toEqual(new Set(['succeeded']))
    expect(postedTwice()).toEqual([])
  },
  60_000,
)
