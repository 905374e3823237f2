// A backup taken in the middle of the load is whole, and holds every order that was acknowledged before it began.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { neverLate, verifyLedger } from '../../src/ledger/verify.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { quickYaml, until } from '../support/gateway.ts'
import { openTestStore } from '../support/test-store.ts'
import { adminToken, ask, cleanUpAfterwards, newFolder, serving, tollgate } from '../cli/command.ts'
import type { Serving } from '../cli/command.ts'

cleanUpAfterwards()

const folder = newFolder()
const clientsAtOnce = 6
const rounds = 3
/** Orders between one backup and the next. */
const ordersPerRound = 60

let upstream: Sandbox
let gateway: Serving
let key = ''
beforeAll(async () => {
  upstream = await startSandbox({ apiKey: 'upstream-key', imageMs: 20 })
  writeFileSync(join(folder, 'tollgate.yaml'), quickYaml)
  const env = { KEEVX_API_KEY: 'upstream-key', KEEVX_BASE_URL: upstream.baseUrl, LOG_LEVEL: 'warn' }
  gateway = await serving(folder, ['serve'], { env })
  const operator = async (path: string, body: unknown) =>
    (await ask(`${gateway.url}/admin/v1${path}`, adminToken, body)).data
  const { id } = await operator('/accounts', { name: 'Ann', credits: 10_000_000 })
  key = (await operator(`/accounts/${id}/keys`, { name: 'first' })).key
})
afterAll(async () => await upstream.close())

async function tasksIn(file: string): Promise<Set<unknown>> {
  const tasks = await openTestStore(`file:${file}`).rows('SELECT id FROM tasks')
  return new Set(tasks.map(({ id }) => id))
}

test('backups while six clients order without pause', async () => {
  const acknowledged: string[] = []
  const over = new AbortController()
  const clients = Array.from({ length: clientsAtOnce }, async () => {
    while (!over.signal.aborted) {
      // Some fail and are refunded, so that every kind of entry is on its way into the copy.
      const prompt = acknowledged.length % 3 === 0 ? 'to fail' : 'a heron'
      const body = { model_id: 'gpt-image-2', prompt, generate_count: 2 }
      const answer = await ask(`${gateway.url}/api/v1/tasks/create`, key, body)
      acknowledged.push(...answer.data.task_ids)
    }
  })
  try {
    for (let round = 0; round < rounds; round += 1) {
      const aim = acknowledged.length + ordersPerRound
      await until(
        () => acknowledged.length,
        (count) => count >= aim,
      )
      const promised = [...acknowledged]
      const copy = join(folder, `copy-${round}.db`)
      expect(await tollgate(folder, ['backup', copy])).toMatchObject({
        code: 0,
        said: expect.stringContaining('Not in it: '),
      })
      expect(acknowledged.length, 'orders were made meanwhile').toBeGreaterThan(promised.length)

      const held = await tasksIn(copy)
      expect(promised.filter((id) => !held.has(id))).toEqual([])
      expect(await storeAt(`file:${copy}`).examine()).toEqual({ schema: 'current', damage: [] })
      expect(await verifyLedger(storeAt(`file:${copy}`).lookAt(), Date.now(), neverLate)).toMatchObject({
        ok: true,
        drift: [],
      })
    }
  } finally {
    over.abort()
    await Promise.all(clients)
  }
  const machine = newFolder()
  const restored = await tollgate(machine, ['restore', join(folder, `copy-${rounds - 1}.db`), '--json'])
  expect(restored.code).toBe(0)
  expect((await tollgate(machine, ['ledger', 'verify'])).code).toBe(0)
})
