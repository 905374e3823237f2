// A configuration that leaves open tasks behind is refused by name and number, wherever it is read, unless that is meant.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startApp } from '../../src/app/app.ts'
import { requireReachInStore } from '../../src/cli/reach.ts'
import { loadConfig } from '../../src/config/config.ts'
import { ConfigError } from '../../src/config/problems.ts'
import { createLog } from '../../src/log.ts'
import { releaseLeases } from '../../src/tasks/rescue/release-leases.ts'
import { unreachableTasks } from '../../src/tasks/unreachable/find.ts'
import { giveUpUnreachable } from '../../src/tasks/unreachable/give-up.ts'
import { requireReach } from '../../src/tasks/unreachable/refuse.ts'
import { reloadCatalog } from '../../src/tasks/unreachable/reload.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { fingerprintOf } from '../../src/upstream/keys/key-mark.ts'
import { adminToken } from '../support/gateway.ts'
import { accepted, missing, noAnswer, openScene } from './callback-scene.ts'
import type { Scene } from './callback-scene.ts'
import { create } from '../support/domain-harness.ts'

const model = (upstream: string) => `
models:
  painter:
    name: Painter
    capability: text to image
    price: { credits: 7 }
    routes: [{ upstream: ${upstream}, operation: image_generate, params: { module: std } }]
`
const withSecond = `
upstreams:
  second: { base_url: "http://127.0.0.1:9/second/v1", api_key: second-key }
${model('second')}`
const withoutSecond = model('keevx')
const renamed = withSecond.replaceAll('second:', 'third:').replace('upstream: second', 'upstream: third')
const aliased = renamed.replace('api_key: second-key', 'api_key: second-key, aliases: [second]')

/** Three works run at the second upstream, two orders have no answer yet, one is queued. */
async function openTasks(): Promise<Scene> {
  const scene = await openScene({ yaml: withSecond })
  const caller = await scene.account(1_000)
  const second = scene.ctx.upstreams.get('second') ?? expect.fail()
  const order = async (count: number) =>
    await create(scene.ctx, caller, { model_id: 'painter', prompt: 'a heron', generate_count: count })
  await order(3)
  await scene.dispatchTo(second, accepted('s1', 's2', 's3'))
  await order(2)
  await scene.dispatchTo(second, noAnswer)
  await order(1)
  return scene
}

const reopened = async (scene: Scene, yaml: string): Promise<Scene> => await openScene({ after: scene, yaml })

async function problemsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await work()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

const goneWords = `6 open tasks name upstream second (key ${fingerprintOf('second-key')}), which is not configured`

test.each<[string, string, string]>([
  ['is removed', withoutSecond, goneWords],
  ['is renamed', renamed, goneWords],
  [
    'has another key',
    withSecond.replace('api_key: second-key', 'api_key: another-key'),
    `5 open tasks name upstream second (key ${fingerprintOf('second-key')}), which is not configured`,
  ],
  [
    'has another base URL',
    withSecond.replace('/second/v1', '/elsewhere/v1'),
    `5 open tasks name upstream second (key ${fingerprintOf('second-key')}), which is not configured`,
  ],
])('an upstream that %s is told with its open tasks; no key is shown', async (_name, yaml, words) => {
  const before = await openTasks()
  const { ctx } = await reopened(before, yaml)
  const problems = await problemsOf(() => requireReach(ctx.db.read, ctx.config))
  expect(problems).toEqual([expect.stringContaining(words), expect.stringContaining('--orphan')])
  expect(problems.join()).not.toMatch(/second-key|another-key/)
  expect(await problemsOf(() => requireReachInStore(ctx.config))).toEqual(problems)
})

test.each<[string, string]>([
  ['the same', withSecond],
  ['a new name, with the old one as an alias', aliased],
  [
    'a new key, with the old one as polls_only',
    withSecond.replace('api_key: second-key', 'api_key: new-key, polls_only: second-key'),
  ],
])('nothing is left behind by %s', async (_name, yaml) => {
  const before = await openTasks()
  const { ctx } = await reopened(before, yaml)
  expect(await unreachableTasks(ctx.db.read, ctx.config)).toEqual([])
})

test('with --orphan the works of an upstream that is gone end at once: given back, and orphans with their price', async () => {
  const before = await openTasks()
  const scene = await reopened(before, withoutSecond)
  const [account] = await scene.ctx.db.read.select().from(scene.ctx.db.read.tables.accounts)
  expect(account?.balance).toBe(1_000 - 6 * 7)
  await releaseLeases(scene.ctx)
  expect(await giveUpUnreachable(scene.ctx)).toMatchObject([{ upstream: 'second', tasks: 6 }])
  await scene.poll()
  await rescue(scene.ctx)
  expect(await scene.orphans()).toMatchObject(
    ['s1', 's2', 's3'].map((upstreamTaskId) => ({ reason: 'unanswered', upstreamTaskId, credits: 7 })),
  )
  // The last one was never posted, and waits as long as any order may.
  const [after] = await scene.ctx.db.read.select().from(scene.ctx.db.read.tables.accounts)
  expect(after?.balance).toBe(1_000 - 7)
  await scene.ledgerAddsUp()
})

test('with --orphan the works of a key that is gone go on being asked for', async () => {
  const before = await openTasks()
  const scene = await reopened(before, withSecond.replace('api_key: second-key', 'api_key: another-key'))
  await giveUpUnreachable(scene.ctx)
  scene.seen = () => missing
  for (let at = 0; at < 5; at += 1) {
    scene.clock.advance(20_000)
    await scene.poll()
  }
  expect(scene.looked.length).toBeGreaterThan(9)
  expect(await scene.orphans()).toEqual([])
})

test('a gateway does not start with it, and does with --orphan; a reload of such a file changes nothing', async () => {
  const before = await openTasks()
  const file = join(before.folder, 'tollgate.yaml')
  const start = async (yaml: string, orphan: boolean) => {
    writeFileSync(file, yaml)
    const config = loadConfig({
      cwd: before.folder,
      env: {
        KEEVX_API_KEY: 'upstream-key',
        PORT: '0',
        ADMIN_TOKEN: adminToken,
        DATABASE_URL: before.store.databaseUrl,
      },
    })
    const app = await startApp({ config, log: createLog('silent'), clock: before.clock, orphan })
    onTestFinished(async () => await app.stop())
    return app
  }
  expect(await problemsOf(() => start(withoutSecond, false))).toEqual([
    expect.stringContaining(goneWords),
    expect.stringContaining('--orphan'),
  ])

  const app = await start(withSecond, false)
  // Its loops may end some of them meanwhile.
  const whichever = goneWords.replace(/^\d+ /, '')
  const models = () => app.ctx.catalog.current.models.map(({ id, price }) => [id, price.credits])
  writeFileSync(file, withoutSecond.replace('credits: 7', 'credits: 8'))
  expect(await problemsOf(() => reloadCatalog(app.ctx, { by: 'watcher' }))).toEqual([
    expect.stringContaining(whichever),
    expect.stringContaining('--orphan'),
  ])
  expect(models()).toEqual([['painter', 7]])
  const reload = async (query: string) => {
    const headers = { authorization: `Bearer ${adminToken}` }
    const answer = await fetch(`${app.url}/admin/v1/models/reload${query}`, { method: 'POST', headers })
    return [answer.status, ((await answer.json()) as { msg: string }).msg] as const
  }
  expect(await reload('')).toEqual([422, expect.stringContaining(whichever)])
  expect(models()).toEqual([['painter', 7]])
  expect((await reload('?orphan=true'))[0]).toBe(200)
  expect(models()).toEqual([['painter', 8]])
  await app.stop()

  const again = await start(withoutSecond, true)
  await again.stop()
})
