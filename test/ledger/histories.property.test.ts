// Whatever happens in whatever order: the ledger and a model that fits on a page come to the same credits.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Caller } from '../../src/accounts/keys.ts'
import { GatewayError } from '../../src/errors.ts'
import { grant } from '../../src/ledger/grant.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { claimSubmissions, submit } from '../../src/tasks/dispatch.ts'
import { sweep, lateness } from '../../src/tasks/sweep.ts'
import { claimPolls, track } from '../../src/tasks/track.ts'
import type { Observation, SubmitOutcome } from '../../src/upstream/adapter.ts'
import { openWorkshop } from '../support/workshop.ts'
import type { Workshop } from '../support/workshop.ts'

const detail = 'said so'
let ids = 0
const newIds = (count: number) => Array.from({ length: count }, () => `i2is-${(ids += 1)}`)

const answers: Record<string, (count: number) => SubmitOutcome> = {
  accepted: (count) => ({ kind: 'accepted', taskIds: newIds(count) }),
  tooFew: (count) => ({ kind: 'accepted', taskIds: newIds(Math.max(1, count - 1)) }),
  tooMany: (count) => ({ kind: 'accepted', taskIds: newIds(count + 1) }),
  repeated: () => ({ kind: 'accepted', taskIds: ['i2is-1'] }),
  refused: () => ({ kind: 'refused', reason: 'No.', detail }),
  rateLimited: () => ({ kind: 'rate_limited', retryAfterMs: null, detail }),
  keyRejected: () => ({ kind: 'key_rejected', detail }),
  notAccepted: () => ({ kind: 'not_accepted', detail }),
  retry: () => ({ kind: 'retry_documented', detail }),
  broken: () => ({ kind: 'ambiguous', cause: 'broken_connection', detail }),
  unknown: () => ({ kind: 'unknown', detail }),
}

const url = 'https://example.com/a.png'
const done = { imageUrl: url, videoUrl: null, thumbnailUrl: null, width: 1, height: 1, durationSeconds: null }
const sightings: Observation[] = [
  { kind: 'pending' },
  { kind: 'running' },
  { kind: 'succeeded', result: done },
  { kind: 'failed', reason: 'It failed.', detail },
  { kind: 'missing', detail },
  { kind: 'unclear', detail },
  { kind: 'rate_limited', retryAfterMs: null, detail },
]

const accounts = fc.integer({ min: 0, max: 2 })
const events = fc.oneof(
  fc.record({ what: fc.constant('grant'), who: accounts, amount: fc.integer({ min: -60, max: 90 }) }),
  fc.record({ what: fc.constant('order'), who: accounts, count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ what: fc.constant('dispatch'), answer: fc.constantFrom(...Object.keys(answers)) }),
  fc.record({ what: fc.constant('die while submitting') }),
  fc.record({ what: fc.constant('poll'), seen: fc.constantFrom(...sightings) }),
  fc.record({ what: fc.constant('wait'), ms: fc.constantFrom(10, 200, 1_000, 5_000, 30_000) }),
  fc.record({ what: fc.constant('sweep') }),
)
type Event = typeof events extends fc.Arbitrary<infer One> ? One : never

const never = new AbortController().signal

/** Granted and ordered are all that it knows; what became of the tasks it reads from them. */
class Model {
  readonly granted = new Map<string, number>()
  readonly ordered = new Map<string, { accountId: string; credits: number }>()

  balance(accountId: string, failed: ReadonlySet<string>): number {
    let balance = this.granted.get(accountId) ?? 0
    for (const [id, task] of this.ordered) {
      if (task.accountId === accountId && !failed.has(id)) balance -= task.credits
    }
    return balance
  }
}

const refusals = new Set(['insufficient_credits', 'too_many_tasks'])

async function play(shop: Workshop, callers: readonly Caller[], model: Model, event: Event): Promise<void> {
  const { ctx, keevx, clock } = shop
  const caller = 'who' in event ? callers[event.who] : undefined
  try {
    if ('amount' in event && caller && event.amount !== 0) {
      const { accountId } = caller
      const given = { accountId, amount: event.amount, note: null, idempotencyKey: null, nowMs: clock.now() }
      await ctx.db.transaction((tx) => grant(tx, given))
      model.granted.set(accountId, (model.granted.get(accountId) ?? 0) + event.amount)
    } else if ('count' in event && caller) {
      const { taskIds, credits } = await shop.order(caller, event.count)
      const each = credits / taskIds.length
      for (const id of taskIds) model.ordered.set(id, { accountId: caller.accountId, credits: each })
    } else if ('answer' in event) {
      shop.submitted = (order) => answers[event.answer]?.((order as { count: number }).count) ?? expect.fail()
      const claimed = await claimSubmissions(ctx, keevx, 4)
      await Promise.all(claimed.map((submission) => submit(ctx, submission, never)))
    } else if ('seen' in event) {
      shop.seen = () => event.seen
      const claimed = await claimPolls(ctx, 8)
      await Promise.all(claimed.map((task) => track(ctx, task, never)))
    } else if ('ms' in event) clock.advance(event.ms)
    else if (event.what === 'sweep') await sweep(ctx)
    else await claimSubmissions(ctx, keevx, 1)
  } catch (error) {
    if (!(error instanceof GatewayError) || !refusals.has(error.type)) throw error
  }
}

async function compare(shop: Workshop, callers: readonly Caller[], model: Model): Promise<void> {
  const { read } = shop.ctx.db
  const tasks = await read.select().from(read.tables.tasks)
  expect(new Set(tasks.map(({ id }) => id))).toEqual(new Set(model.ordered.keys()))
  const failed = new Set(tasks.filter(({ state }) => state === 'failed').map(({ id }) => id))
  for (const caller of callers) {
    expect(await shop.balance(caller)).toBe(model.balance(caller.accountId, failed))
  }
  const verified = await verifyLedger(shop.ctx.db, shop.clock.now(), lateness(shop.ctx.config))
  // The loops do not run here: whatever is late is so because nothing was played that would end it.
  expect(verified.drift.filter(({ check }) => check !== 'no open task is past its limit')).toEqual([])
}

test('a random history leaves exactly the credits that its events come to', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(events, { minLength: 5, maxLength: 60, size: 'max' }), async (history) => {
      const shop = openWorkshop()
      const callers = [await shop.account(0), await shop.account(100), await shop.account(300)]
      const model = new Model()
      for (const [at, credits] of [0, 100, 300].entries())
        model.granted.set(callers[at]?.accountId ?? '', credits)
      for (const event of history) await play(shop, callers, model, event)
      await compare(shop, callers, model)

      // Time alone ends whatever is open, and the sums still hold.
      shop.seen = () => ({ kind: 'running' })
      for (let turn = 0; turn < 6; turn += 1) {
        shop.clock.advance(30_000)
        await sweep(shop.ctx)
        await Promise.all((await claimPolls(shop.ctx, 500)).map((task) => track(shop.ctx, task, never)))
      }
      const { read } = shop.ctx.db
      const open = (await read.select().from(read.tables.accounts)).map(({ tasksOpen }) => tasksOpen)
      expect(open).toEqual([0, 0, 0])
      await compare(shop, callers, model)
    }),
    { numRuns: 25 },
  )
})
