// A clock that jumps, for half a minute or for good, deletes nothing, forgets nothing, ends nothing and refunds nothing.
import { describe, expect, test } from 'vitest'
import { closeContext, createContext } from '../../src/app/context.ts'
import { loadConfig } from '../../src/config/config.ts'
import type { Context } from '../../src/context.ts'
import { newId } from '../../src/ids.ts'
import { createLog } from '../../src/log.ts'
import { insertWriting, markKept } from '../../src/media/rows.ts'
import { admitCallback } from '../../src/tasks/callbacks/url.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { claimRemovals } from '../../src/tasks/results/expire.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import { createTimeKeeper, recallTime } from '../../src/time/time.ts'
import { settleMs } from '../../src/time/steady.ts'
import { manualClock } from '../support/clock.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const never = new AbortController().signal
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const yearMs = 365 * dayMs
const turnMs = 2.5 * minuteMs
const body = { model_id: 'gpt-image-2', prompt: 'a heron' }
/** What keeps the sandbox's short limits out of the way. */
const yaml = `
upstreams:
  keevx:
    submit: { queue_for: 30m, timeout: 30s, after_5xx: 10s, in_flight: 16 }
    image: { poll_every: 10s, give_up_after: 20m }
    video: { poll_every: 10s, give_up_after: 20m }
media: { retention: 30d }
`

/** One order of each state that time alone ends, and what time alone forgets or deletes. */
async function scene(clock = manualClock()) {
  const domain = await openDomainHarness({ yaml, clock, publicUrl: 'https://gateway.example' })
  const caller = await domain.account(1_000)
  const once = async () => {
    const { created, replayed } = await create(domain.ctx, caller, body, 'one key')
    return { ...created, replayed }
  }
  const dispatch = async () => {
    for (const each of await claimSubmissions(domain.ctx, domain.keevx, 16))
      await submit(domain.ctx, each, never)
  }
  const running = await once()
  await dispatch()
  domain.submitted = () => ({ kind: 'unknown', detail: 'no answer' })
  const unknown = await domain.order(caller)
  await dispatch()
  domain.submitted = () => ({ kind: 'not_accepted', detail: 'refused' })
  const queued = await domain.order(caller)
  const [task] = await domain.tasks(running)
  const row = { name: 'a.png', taskId: task?.id ?? '', part: 'result', store: 'disk', bytes: 1 } as const
  const times = { createdAt: clock.now(), dueAt: clock.now() + hourMs }
  await domain.ctx.db.transaction(async (tx) => {
    await insertWriting(tx, { ...row, contentType: 'image/png', ...times })
    await markKept(tx, row.name, clock.now() + 30 * dayMs)
  })
  const [attempt, token] = (domain.callbackUrls[0] ?? '').split('/').slice(-2)

  /** All that the loops do that time alone can bring about. */
  const turn = async () => {
    await rescue(domain.ctx)
    for (const each of await claimPolls(domain.ctx, 16)) await pollTask(domain.ctx, each, never)
    await claimRemovals(domain.ctx, 16)
    await dispatch()
  }
  const states = async () =>
    (await Promise.all([running, unknown, queued].map((order) => domain.tasks(order)))).map(
      ([first]) => first?.state,
    )
  const expectNothingLost = async () => {
    expect(await states()).toEqual(['running', 'unknown', 'queued'])
    expect(await domain.balance(caller)).toBe(1_000 - 45)
    expect(await domain.ctx.db.read.select().from(domain.ctx.db.read.tables.media)).toMatchObject([
      { state: 'kept' },
    ])
    expect(await once()).toMatchObject({ requestId: running.requestId, replayed: true })
    expect(await admitCallback(domain.ctx, attempt ?? '', token ?? '')).not.toBeNull()
    expect(await domain.balance(caller)).toBe(1_000 - 45)
  }
  return { domain, clock, caller, once, turn, states, expectNothingLost }
}

/** Turns every few minutes: the loops of a process that has little to do. */
async function live({ clock, turn }: Awaited<ReturnType<typeof scene>>, ms: number): Promise<void> {
  for (let leftMs = ms; leftMs > 0; leftMs -= turnMs) {
    clock.advance(Math.min(turnMs, leftMs))
    await turn()
  }
}

describe.each([
  ['35 s', 35_000],
  ['an hour', hourMs],
  ['26 hours', 26 * hourMs],
  ['40 days', 40 * dayMs],
  ['a year back', -yearMs],
])('a clock that is ahead by %s', (_, byMs) => {
  test('for half a minute costs nothing', async () => {
    const at = await scene()
    expect(await at.states()).toEqual(['running', 'unknown', 'queued'])
    at.clock.setWall(byMs)
    await at.turn()
    await at.expectNothingLost()
    at.clock.advance(35_000)
    await at.turn()
    await at.expectNothingLost()
    at.clock.setWall(-byMs)
    await at.turn()
    await at.expectNothingLost()
  })

  test('for good costs nothing that had time left', async () => {
    const at = await scene()
    expect(await at.states()).toEqual(['running', 'unknown', 'queued'])
    at.clock.setWall(byMs)
    await at.turn()
    await live(at, settleMs)
    expect(at.domain.ctx.clock.now()).toBe(at.clock.now())
    await at.expectNothingLost()
    await live(at, 9 * minuteMs)
    await at.expectNothingLost()
  })
})

test('what is past its limit ends when the clock is believed and its time was lived through', async () => {
  const at = await scene()
  at.domain.seen = () => ({ kind: 'unclear', detail: 'no answer' })
  at.clock.setWall(40 * dayMs)
  await at.turn()
  await live(at, settleMs + 32 * minuteMs)
  expect(await at.states()).toEqual(['failed', 'failed', 'failed'])
  expect(await at.domain.balance(at.caller)).toBe(1_000)
  // A key that was used an hour ago is one that was used an hour ago.
  expect(await at.once()).toMatchObject({ replayed: true })
  await live(at, hourMs)
  at.clock.advance(25 * hourMs)
  await at.turn()
  expect(await at.once()).toMatchObject({ replayed: false })
})

describe.each([
  ['50 minutes', 50 * minuteMs],
  ['an hour', hourMs],
  ['three years', 3 * yearMs],
])('a clock that is set back by %s for good', (_, byMs) => {
  test('stops neither polls nor new orders nor retries', async () => {
    const at = await scene()
    at.clock.setWall(-byMs)
    await at.turn()
    const before = at.domain.looked.length
    await live(at, settleMs)
    expect(at.domain.looked.length).toBeGreaterThan(before + 1)
    const believed = at.domain.looked.length
    at.domain.submitted = () => ({ kind: 'accepted', taskIds: [newId('task', at.clock.now())] })
    const fresh = await at.domain.order(at.caller)
    await live(at, 2 * turnMs)
    expect(at.domain.looked.length).toBeGreaterThan(believed)
    expect(await at.domain.tasks(fresh)).toMatchObject([{ state: 'running' }])
    expect(await at.states()).toEqual(['running', 'unknown', 'running'])
  })

  test('gives what waits for its limit no more than that limit', async () => {
    const at = await scene()
    at.domain.seen = () => ({ kind: 'unclear', detail: 'no answer' })
    at.clock.setWall(-byMs)
    await live(at, settleMs + 32 * minuteMs)
    expect((await at.states()).slice(0, 2)).toEqual(['failed', 'failed'])
  })
})

describe('a gateway that is started', () => {
  async function restart(domain: DomainHarness, clock: ReturnType<typeof manualClock>): Promise<Context> {
    const env = { KEEVX_API_KEY: 'upstream-key', DATABASE_URL: domain.store.databaseUrl }
    const config = loadConfig({ cwd: domain.folder, env })
    const next = await createContext({ config, clock, log: createLog('silent') })
    await recallTime(next.time, next.db)
    return next
  }

  test.each([
    ['ahead by a day', dayMs],
    ['back by two years', -2 * yearMs],
  ])('while the clock is %s ends nothing either', async (_, byMs) => {
    const at = await scene()
    await createTimeKeeper(at.domain.ctx.time, at.domain.ctx.db)()
    at.clock.setWall(byMs)
    const next = await restart(at.domain, at.clock)
    try {
      await rescue(next)
      expect(await claimRemovals(next, 16)).toEqual([])
      expect(next.time.report().ok).toBe(false)
      expect(next.clock.now()).toBe(at.clock.now() - byMs)
    } finally {
      await closeContext(next)
    }
    at.clock.setWall(-byMs)
    await at.turn()
    await at.expectNothingLost()
  })

  test('after an hour of downtime ends what is overdue at once', async () => {
    const at = await scene()
    await createTimeKeeper(at.domain.ctx.time, at.domain.ctx.db)()
    at.clock.advance(hourMs)
    const next = await restart(at.domain, at.clock)
    try {
      await rescue(next)
      expect((await at.states()).slice(1)).toEqual(['failed', 'failed'])
    } finally {
      await closeContext(next)
    }
  })
})
