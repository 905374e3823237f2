// What one of several gateways does for all of them: it alone audits, archives, looks for stray files and deletes old rows.
import { expect, onTestFinished, test } from 'vitest'
import type { Auditor } from '../../src/ledger/auditor.ts'
import { createFollowing } from '../../src/tasks/callbacks/resolve.ts'
import { createCleaning } from '../../src/tasks/rescue/cleanup.ts'
import { startAudits } from '../../src/worker/audits.ts'
import { startStrays } from '../../src/worker/files/strays.ts'
import { openMediaHarness } from '../media/media-harness.ts'
import { manualClock } from '../support/clock.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import { shortLimitsYaml } from '../support/gateway.ts'
import { callback, noAnswer, openScene } from '../tasks/callback-scene.ts'
import { dispatchAll } from '../tasks/archive/scene.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** Two gateways of one store; the second becomes the first when that has gone. */
function openTwo() {
  let first = 0
  const instance = (at: number) => ({
    id: `ins_${at}`,
    standing: () => ({ count: 2, rank: at === first ? 0 : 1 }),
    isFirst: () => at === first,
  })
  return { instances: [instance(0), instance(1)] as const, go: () => void (first = 1) }
}

test('the first audits the ledger; the second begins once the first has gone', async () => {
  const { instances, go } = openTwo()
  const clock = manualClock()
  const audited = instances.map(() => 0)
  for (const [at, each] of instances.entries()) {
    const auditor: Auditor = {
      verify: async () => {
        audited[at] = (audited[at] ?? 0) + 1
        return { ok: true, accounts: 0, entries: 0, drift: [] }
      },
      last: () => null,
      stop: async () => undefined,
    }
    const audits = startAudits({ clock, instances: each }, auditor)
    onTestFinished(async () => await audits.stop())
  }
  const after = async (ms: number) => {
    clock.advance(ms)
    await new Promise(setImmediate)
    return audited
  }
  expect(await after(2 * minuteMs)).toEqual([1, 0])
  expect(await after(10 * minuteMs)).toEqual([2, 0])
  go()
  expect(await after(10 * minuteMs)).toEqual([2, 1])
})

test('the first looks for files without a row, and the second for none', async () => {
  const { instances, go } = openTwo()
  const { ctx, clock } = await openMediaHarness({ media: 'store: disk, retention: 100d' })
  let sweeps = 0
  const mediaRoot = {
    ...ctx.mediaRoot,
    get path() {
      sweeps += 1
      return ctx.mediaRoot.path
    },
  }
  const strays = startStrays({ ...ctx, mediaRoot, instances: instances[1] })
  onTestFinished(async () => await strays.stop())
  const after = async (ms: number) => {
    clock.advance(ms)
    await new Promise(setImmediate)
    return sweeps
  }
  expect(await after(10 * minuteMs)).toBe(0)
  go()
  expect(await after(dayMs)).toBeGreaterThan(0)
})

test('the first deletes old rows and archives old orders, and the second neither', async () => {
  const { instances, go } = openTwo()
  const domain = await openDomainHarness({ yaml: `${shortLimitsYaml}retention: { tasks: 30d }` })
  const caller = await domain.account(100)
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  await create(domain.ctx, caller, { model_id: 'gpt-image-2', prompt: 'a heron' }, 'once')
  await dispatchAll(domain)
  domain.clock.advance(31 * dayMs)
  const left = async () => {
    const [keys, orders] = [
      await domain.store.rows('SELECT 1 FROM idempotency'),
      await domain.store.rows('SELECT 1 FROM requests'),
    ]
    return [keys.length, orders.length]
  }
  const second = createCleaning({ ...domain.ctx, instances: instances[1] })
  for (let kind = 0; kind < 10; kind += 1) expect(await second.turn()).toBe(false)
  expect(await left()).toEqual([1, 1])
  go()
  while (await second.turn());
  expect(await left()).toEqual([0, 0])
})

test('work that a callback has named is asked about by one of them, whichever has heard of it', async () => {
  const scene = await openScene()
  const orders = []
  for (let made = 0; made < 12; made += 1) orders.push(await scene.ordered(1, noAnswer))
  for (const [at, { urls }] of orders.entries()) await scene.call(urls[0], callback(`made-${at}`))
  const rows = await scene.hints()
  expect(rows).toHaveLength(12)
  const claimedBy = async (count: number, rank: number | null) => {
    const standing = () => ({ count, rank })
    const claimed = await createFollowing({
      ...scene.ctx,
      instances: { ...scene.ctx.instances, standing },
    }).claim(200)
    return claimed.map(({ upstreamTaskId }) => upstreamTaskId)
  }
  const parts = [await claimedBy(3, 0), await claimedBy(3, 1), await claimedBy(3, 2)]
  expect(new Set(parts.flat()).size).toBe(12)
  expect(parts.flat()).toHaveLength(12)
  // One that has only just come leaves them to the others; one that is alone takes all.
  expect(await claimedBy(4, null)).toEqual([])
  expect(await claimedBy(1, 0)).toHaveLength(12)
})
