// kill -9 while results are fetched: nothing half-written can be reached, nothing is lost, and no file is forgotten.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { adminToken, ask, cleanUpAfterwards, newFolder, serving, storeIn, tollgate } from '../cli/command.ts'
import type { Serving } from '../cli/command.ts'
import { onDisk } from '../media/media-harness.ts'
import { until } from '../support/gateway.ts'
import { freePort } from '../support/port.ts'
import { chanceFor, rounds } from './support/rounds.ts'
import { startSlowFiles } from './support/slow-files.ts'
import type { SlowFiles } from './support/slow-files.ts'

cleanUpAfterwards()

const yaml = `
upstreams: { keevx: { image: { poll_every: 50ms, give_up_after: 30s } } }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`
const timeoutMs = 60_000

let files: SlowFiles
let folder: string
let env: Record<string, string>
let key: string
const dataDir = () => join(folder, 'data')

beforeAll(async () => {
  files = await startSlowFiles()
  folder = newFolder()
  writeFileSync(join(folder, 'tollgate.yaml'), yaml)
  const port = String(await freePort())
  env = {
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    KEEVX_API_KEY: 'upstream-key',
    KEEVX_BASE_URL: files.baseUrl,
    LOG_LEVEL: 'warn',
  }
  const gateway = await serve()
  const { id } = (await ask(`${gateway.url}/admin/v1/accounts`, adminToken, { name: 'a', credits: 100_000 }))
    .data
  key = (await ask(`${gateway.url}/admin/v1/accounts/${id}/keys`, adminToken, { name: 'k' })).data.key
  await kill(gateway)
})
afterAll(async () => await files.stop())

let living: Serving | undefined
const serve = async (): Promise<Serving> => (living = await serving(folder, ['serve'], { env }))

// A test that fails leaves its gateway behind, and the store is of one process.
afterEach(async () => {
  if (living) await kill(living)
})

async function kill(gateway: Serving): Promise<void> {
  gateway.kill('SIGKILL')
  await gateway.ended
}

async function order(gateway: Serving, count: number): Promise<string[]> {
  const body = { model_id: 'gpt-image-2', prompt: 'a heron', generate_count: count }
  return (await ask(`${gateway.url}/api/v1/tasks/create`, key, body)).data.task_ids
}

const task = async (gateway: Serving, id: string): Promise<any> =>
  (await ask(`${gateway.url}/api/v1/tasks/${id}`, key)).data

async function states(gateway: Serving): Promise<string[]> {
  const { tasks } = (await ask(`${gateway.url}/admin/v1/tasks?limit=100`, adminToken)).data
  return tasks.map(({ state }: { state: string }) => state)
}

/** Once it has ended, its URLs lead to us, and there is the whole of it. */
async function expectKept(gateway: Serving, id: string): Promise<void> {
  const ended = await until(
    () => task(gateway, id),
    ({ task_status: status }) => status >= 3,
    timeoutMs,
  )
  expect(ended).toMatchObject({ task_status: 3, credits_refunded: 0 })
  const [row] = await storeIn(folder).rows('SELECT upstream_task_id FROM tasks WHERE id = ?', [id])
  const work = row?.['upstream_task_id']
  for (const [url, suffix] of [
    [ended.image_url, '.png'],
    [ended.thumbnail_url, '-thumbnail.png'],
  ]) {
    expect(url).toMatch(new RegExp(`^${gateway.url}/media/[0-9A-Za-z]{32}\\.png$`))
    const response = await fetch(url)
    expect(response.status).toBe(200)
    const made = await files.read(`/media/${String(work)}${suffix}`)
    expect(Buffer.from(await response.arrayBuffer()).equals(made)).toBe(true)
  }
}

describe('kill -9', () => {
  test('in mid-download leaves nothing that can be reached, and the next process begins anew', async () => {
    files.hold(true)
    const first = await serve()
    const [id = ''] = await order(first, 1)
    await until(files.waiting, (waiting) => waiting > 0)
    await until(
      () => onDisk(dataDir()).incoming.length,
      (count) => count > 0,
    )
    expect(await task(first, id)).toMatchObject({ task_status: 2, image_url: null, thumbnail_url: null })
    await kill(first)
    const { kept, incoming } = onDisk(dataDir())
    expect(kept).toEqual([])
    expect(incoming).not.toEqual([])

    files.hold(false)
    const next = await serve()
    for (const path of incoming) {
      expect((await fetch(`${next.url}/media/${encodeURIComponent(path)}`)).status).toBe(404)
      expect((await fetch(`${next.url}/media/${path}`)).status).toBe(404)
    }
    const startedAt = performance.now()
    await expectKept(next, id)
    expect(performance.now() - startedAt, 'nobody waits for the lease of the dead').toBeLessThan(10_000)
    await kill(next)
  })

  test.for(rounds)('round %i: at any moment of keeping, every result is whole afterwards', async (round) => {
    const chance = chanceFor('media', round)
    files.pace(5)
    const ids: string[] = []
    for (let turn = 0; turn < 3; turn += 1) {
      const gateway = await serve()
      const ordered = await order(gateway, 4)
      // Killed while it asks, nobody would know whether they are made; that is another fault's story.
      await until(
        () => states(gateway),
        (seen) => !seen.some((state) => /queued|submitting/.test(state)),
      )
      ids.push(...ordered)
      await setTimeout(chance.between(0, 400))
      await kill(gateway)
    }
    const last = await serve()
    for (const id of ids) await expectKept(last, id)
    await kill(last)
    // Whatever lies there is known to a row, so that it goes one day.
    const known = new Set((await storeIn(folder).rows('SELECT name FROM media')).map(({ name }) => name))
    const { kept } = onDisk(dataDir())
    expect(kept.length).toBeGreaterThanOrEqual(ids.length * 2)
    expect(kept.filter((path) => !known.has(path.split('/').at(-1)))).toEqual([])
    const { code, json } = await tollgate(folder, ['ledger', 'verify', '--json'], { env })
    expect({ code, json }).toMatchObject({ code: 0, json: { ok: true } })
  })
})
