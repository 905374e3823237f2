// Orders with a first frame in a restored copy, where the replaced store had gone on: nothing is posted twice, the ledger stays whole.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { storeAt } from '../../src/db/store-at.ts'
import { carryAttempts } from '../../src/tasks/callbacks/forgotten.ts'
import { hearCallback } from '../../src/tasks/callbacks/receive.ts'
import { createFollowing } from '../../src/tasks/callbacks/resolve.ts'
import { admitCallback } from '../../src/tasks/callbacks/url.ts'
import type { Created } from '../../src/tasks/create/created.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { holdQueued } from '../../src/tasks/rescue/restored.ts'
import type { Held } from '../../src/tasks/rescue/restored.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import { newFolder } from '../support/folder.ts'
import { newStoreUrl, openTestStore } from '../support/test-store.ts'
import { openStage, stageOf } from './first-frame-scene.ts'
import type { Stage } from './first-frame-scene.ts'

const publicUrl = 'https://gate.example/sub'
const never = new AbortController().signal

interface Restored {
  /** Served from the copy, with the same upstream. */
  readonly stage: Stage
  readonly created: Created
  readonly held: Held
  /** The callbacks of the replaced store's posts, in their order. */
  readonly urls: readonly (string | null)[]
}

interface Terms {
  /** What happened before the copy was made, and between that and the restore. */
  readonly before: (stage: Stage) => Promise<Created | null>
  readonly after: (stage: Stage, created: Created | null) => Promise<Created>
  readonly keepsQueued?: boolean
}

async function restored({ before, after, keepsQueued = false }: Terms): Promise<Restored> {
  const replaced = await openStage(1_000, { publicUrl })
  const early = await before(replaced)
  const copy = join(newFolder(), 'copy.db')
  await storeAt(replaced.store.databaseUrl).backUp(copy)
  const store = openTestStore(newStoreUrl())
  await storeAt(store.databaseUrl).restore(copy, async () => undefined)
  const created = await after(replaced, early)
  const { clock, caller } = replaced
  const domain = await openDomainHarness({ store, clock, publicUrl })
  const stage = stageOf(domain, caller)
  stage.seen = replaced.seen
  const nowMs = clock.now()
  await storeAt(replaced.store.databaseUrl)
    .lookAt({ anyVersion: true })
    .snapshot((read) => carryAttempts(read, stage.ctx.db, nowMs))
  const held = keepsQueued
    ? { requests: 0, tasks: 0, credits: 0 }
    : await holdQueued(stage.ctx.db, { config: stage.ctx.config, nowMs })
  return { stage, created, held, urls: replaced.callbackUrls }
}

/** As the upstream calls; then whatever follows from it. */
async function callBack(stage: Stage, url: string | null | undefined, body: object): Promise<string> {
  const [attemptId = '', token = ''] = (url ?? '').split('/').slice(-2)
  const admitted = await admitCallback(stage.ctx, attemptId, token)
  if (!admitted) return 'not admitted'
  const heard = await hearCallback(stage.ctx, admitted, { body, secret: token })
  const following = createFollowing(stage.ctx)
  for (const each of await following.claim(10)) await following.run(each, never)
  return heard
}

const callbackOf = (taskType: 'image_generate' | 'image_to_video', id: string | null | undefined) => ({
  code: 0,
  msg: 'ok',
  task_type: taskType,
  data: { task_id: id, status: 'SUCCEEDED', error_message: '' },
})

const ordered = async (stage: Stage) => await stage.ordered()

/** Both steps are posted; returns the order. */
async function postBoth(stage: Stage, early: Created | null): Promise<Created> {
  const created = early ?? (await stage.ordered())
  await stage.dispatch()
  await stage.poll()
  await stage.dispatch()
  expect(stage.postedOf('image_to_video').length).toBe(1)
  return created
}

test.each<[string, (stage: Stage) => Promise<Created>]>([
  ['waited for a first frame that was queued', ordered],
  [
    'waited for a first frame that was being made',
    async (stage) => {
      const created = await stage.ordered()
      await stage.dispatch()
      return created
    },
  ],
])(
  'a video that was posted after the copy, in which its order %s, is its customer’s, and the ledger stays whole',
  async (_what, before) => {
    let filmId = ''
    const { stage, created, urls } = await restored({
      before,
      async after(replaced, early) {
        const order = await postBoth(replaced, early)
        filmId = (await replaced.tasks(order))[0]?.upstreamTaskId ?? ''
        return order
      },
    })
    await rescue(stage.ctx)
    expect(await stage.states(created)).toMatchObject({ order: 'unknown', tasks: ['unknown'] })
    expect(await callBack(stage, urls.at(-1), callbackOf('image_to_video', filmId))).toBe('kept')
    await stage.poll()
    await stage.poll()
    expect(await stage.states(created)).toMatchObject({ order: 'accepted', tasks: ['succeeded'] })
    expect(stage.posted).toEqual([])
    expect(await stage.balance(stage.caller)).toBe(950)
    await stage.sound()
  },
)

test('an order that is kept waiting in the copy, and was posted after it, is taken up by its callback instead of posted again', async () => {
  let filmId = ''
  const { stage, created, urls } = await restored({
    keepsQueued: true,
    before: ordered,
    async after(replaced, early) {
      const order = await postBoth(replaced, early)
      filmId = (await replaced.tasks(order))[0]?.upstreamTaskId ?? ''
      return order
    },
  })
  await callBack(stage, urls.at(-1), callbackOf('image_to_video', filmId))
  await stage.poll()
  expect(await stage.states(created)).toMatchObject({ order: 'accepted', tasks: ['succeeded'] })
  await stage.dispatch()
  await stage.poll()
  await stage.dispatch()
  expect(stage.postedOf('image_to_video')).toEqual([])
  expect(await stage.balance(stage.caller)).toBe(950)
  await stage.sound()
})

test('work for an order that was made after the copy is recorded with its price: the first frame with its own', async () => {
  const works: string[] = []
  const { stage, urls } = await restored({
    before: async () => null,
    async after(replaced, early) {
      const order = await postBoth(replaced, early)
      works.push((await replaced.frame(order)).task.upstreamTaskId ?? '')
      works.push((await replaced.tasks(order))[0]?.upstreamTaskId ?? '')
      return order
    },
  })
  expect(await callBack(stage, urls[0], callbackOf('image_generate', works[0]))).toBe('forgotten')
  expect(await callBack(stage, urls[1], callbackOf('image_to_video', works[1]))).toBe('forgotten')
  const { read } = stage.ctx.db
  const rows = await read.select().from(read.tables.forgottenWorks)
  expect(new Map(rows.map(({ upstreamTaskId, credits }) => [upstreamTaskId, credits]))).toEqual(
    new Map([
      [works[0], 10],
      [works[1], 50],
    ]),
  )
})

test('the operator is told of orders that customers made, not of their first frames', async () => {
  const { held } = await restored({ before: ordered, after: async (_replaced, early) => early as Created })
  expect(held).toEqual({ requests: 1, tasks: 1, credits: 50 })
})

test('a replaced store from before there were first frames still says what it had posted', async () => {
  let pictureId = ''
  const { stage, urls } = await restored({
    before: async () => null,
    async after(replaced) {
      const created = await replaced.order(replaced.caller)
      await replaced.dispatch()
      pictureId = (await replaced.tasks(created))[0]?.upstreamTaskId ?? ''
      await replaced.store.write('ALTER TABLE requests DROP COLUMN first_frame_credits')
      return created
    },
  })
  expect(await callBack(stage, urls[0], callbackOf('image_generate', pictureId))).toBe('forgotten')
  const { read } = stage.ctx.db
  expect(await read.select().from(read.tables.forgottenWorks)).toMatchObject([{ credits: 15 }])
})
