// Whose order is posted next: accounts take turns, and orders keep their place.
import { describe, expect, test } from 'vitest'
import type { Caller } from '../../src/accounts/callers.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import { crowd, flood, never, open, posted, sound, unlimited } from './queue-scene.ts'

const accepted = (): SubmitOutcome => ({ kind: 'accepted', taskIds: [`u${Math.random()}`] })
const limited: SubmitOutcome = { kind: 'rate_limited', retryAfterMs: 1_000, detail: 'HTTP 429' }
const refusedConnection: SubmitOutcome = { kind: 'not_accepted', detail: 'ECONNREFUSED' }

describe('accounts take turns:', () => {
  test('one that comes behind ten thousand orders of another is posted next', async () => {
    const domain = await open()
    const [hog, newcomer] = [await domain.account(0), await domain.account(100)]
    await crowd(domain, hog.accountId, 10_000)
    await posted(domain, 3)
    await domain.order(newcomer)
    expect(await posted(domain, 2)).toEqual([newcomer.accountId, hog.accountId])
  })

  test('one that comes behind ten that flood is posted next, wherever in their round they are', async () => {
    const domain = await open()
    const hogs = await Promise.all(Array.from({ length: 10 }, () => domain.account(0)))
    for (const { accountId } of hogs) await crowd(domain, accountId, 50)
    for (const before of [10, 0, 1, 7]) {
      await posted(domain, before)
      const newcomer = await domain.account(100)
      await domain.order(newcomer)
      expect(await posted(domain, 1)).toEqual([newcomer.accountId])
    }
  })

  test('three that wait have one of three each, also where one has a hundred times as many', async () => {
    const domain = await open()
    const [a, b, c] = [await domain.account(0), await domain.account(0), await domain.account(0)]
    await crowd(domain, a.accountId, 3_000)
    await crowd(domain, b.accountId, 30)
    await crowd(domain, c.accountId, 30)
    const order = await posted(domain, 30)
    for (const { accountId } of [a, b, c]) expect(order.filter((id) => id === accountId)).toHaveLength(10)
    for (let round = 0; round < 30; round += 3) expect(new Set(order.slice(round, round + 3)).size).toBe(3)
  })

  test('so they do within one claim of many', async () => {
    const domain = await open()
    const [a, b] = [await domain.account(0), await domain.account(0)]
    await crowd(domain, a.accountId, 100)
    await crowd(domain, b.accountId, 100)
    const claimed = await claimSubmissions(domain.ctx, domain.keevx, 16)
    const order = claimed.map(({ request }) => request.accountId)
    expect(order).toHaveLength(15)
    expect(order.slice(0, 14)).toEqual(Array.from({ length: 7 }, () => [a.accountId, b.accountId]).flat())
    await sound(domain)
  })

  test('one that sends its orders one by one has no more turns than one whose orders wait', async () => {
    const domain = await open()
    const [mayDelay, quick] = [await domain.account(0), await domain.account(10_000)]
    await crowd(domain, mayDelay.accountId, 100)
    const order: string[] = []
    for (let at = 0; at < 16; at += 1) {
      await domain.order(quick)
      order.push(...(await posted(domain, 1)))
    }
    expect(order.filter((id) => id === mayDelay.accountId).length).toBeGreaterThanOrEqual(7)
  })

  test('one that cancelled, or whose orders ran out of time, is not behind for what was never posted', async () => {
    const domain = await open()
    const [a, b] = [await domain.account(0), await domain.account(10_000)]
    await crowd(domain, a.accountId, 1_000)
    await domain.store
      .write(`UPDATE tasks SET state = 'failed', cancelled = true, error_message = 'c' WHERE account_id = '${a.accountId}'
      AND request_id <> (SELECT max(id) FROM requests WHERE account_id = '${a.accountId}');
      UPDATE requests SET state = 'failed', due_at = NULL WHERE account_id = '${a.accountId}'
      AND id <> (SELECT max(id) FROM requests WHERE account_id = '${a.accountId}')`)
    await flood(domain, b, 3)
    expect((await posted(domain, 2)).toSorted()).toEqual([a.accountId, b.accountId].toSorted())
  })

  test('the turn survives the end of the process', async () => {
    const domain = await open()
    const [hog, other] = [await domain.account(0), await domain.account(0)]
    await crowd(domain, hog.accountId, 1_000)
    for (const submission of await claimSubmissions(domain.ctx, domain.keevx, 256))
      await submit(domain.ctx, submission, never)
    await crowd(domain, other.accountId, 1_000)
    const next = await openDomainHarness({ after: domain, yaml: unlimited })
    const order = await posted(next, 20)
    // Not the hundreds of turns that the first had while it was alone, and had just had the last of.
    expect(order.filter((id) => id === hog.accountId)).toHaveLength(9)
    await sound(next)
  })

  test('a clock that goes back or far ahead changes no turn', async () => {
    const domain = await open()
    const hog = await domain.account(0)
    await crowd(domain, hog.accountId, 10)
    await posted(domain, 1)
    for (const jumpMs of [-3_600_000, 30 * 86_400_000]) {
      domain.clock.advance(jumpMs)
      const other = await domain.account(100)
      await domain.order(other)
      expect(await posted(domain, 2)).toEqual([other.accountId, hog.accountId])
    }
  })
})

describe('orders keep their place:', () => {
  /** The order in which orders are posted, some of them more than once. */
  async function run(
    answers: readonly SubmitOutcome[],
    pauseMs: number,
    accounts = 1,
    orders = 8,
  ): Promise<number[]> {
    const domain = await open()
    const callers: Caller[] = []
    for (let at = 0; at < accounts; at += 1) callers.push(await domain.account(1_000))
    const at = new Map<string, number>()
    for (let order = 0; order < orders; order += 1) {
      domain.clock.advance(1)
      const created = await domain.order(callers[order % accounts] ?? expect.fail())
      at.set(created.requestId, order)
    }
    const order: number[] = []
    const left = [...answers]
    for (let turn = 0; turn < 200 && order.length < orders + answers.length; turn += 1) {
      for (const submission of await claimSubmissions(domain.ctx, domain.keevx, 1)) {
        domain.submitted = () => left.shift() ?? accepted()
        order.push(at.get(submission.request.id) ?? Number.NaN)
        await submit(domain.ctx, submission, never)
      }
      domain.clock.advance(pauseMs)
    }
    await sound(domain)
    return order
  }
  const inLine = (orders = 8) => Array.from({ length: orders }, (_, at) => at)

  test('four times 429 lose nobody its place, of one account', async () => {
    const order = await run([limited, limited, limited, limited], 1_000, 1, 40)
    expect(order).toEqual([0, 0, 0, 0, ...inLine(40)])
  })

  test('after each 429 another account tries, and all have their places again once some are answered', async () => {
    const order = await run([limited, limited, limited, limited], 1_000, 40, 40)
    const others = inLine(40).slice(4, 12)
    expect(order).toEqual([0, 1, 2, 3, ...others, 0, 1, 2, 3, ...inLine(40).slice(12)])
  })

  test('a connection that is refused loses nobody its place', async () => {
    expect(await run([refusedConnection, refusedConnection], 1_000)).toEqual([0, 0, ...inLine()])
  })

  test('one that is paused lets others go on, and has its place again when its pause is over', async () => {
    const failures = Array.from({ length: 4 }, () => refusedConnection)
    // The fourth failure in a row pauses it for a second, the others not at all.
    const order = await run(failures, 400)
    expect(order).toEqual([0, 0, 0, 0, 1, 2, 0, ...inLine().slice(3)])
  })

  test('after an outage those that were tried before come first', async () => {
    const domain = await open()
    const [tried, other] = [await domain.account(1_000), await domain.account(0)]
    await flood(domain, tried, 5)
    domain.submitted = () => refusedConnection
    const claimed = await claimSubmissions(domain.ctx, domain.keevx, 16)
    expect(claimed).toHaveLength(5)
    await Promise.all(claimed.map((submission) => submit(domain.ctx, submission, never)))
    await crowd(domain, other.accountId, 1_000)
    domain.submitted = accepted
    domain.clock.advance(60_000)
    const order = await posted(domain, 6)
    // The one between them is the first of an account that had nothing in the queue until then.
    expect(order.filter((id) => id === tried.accountId)).toHaveLength(5)
  })

  test('a pause that ends further away than any lasts is over: the clock was ahead when it began', async () => {
    const domain = await open()
    await domain.order(await domain.account(100))
    domain.clock.advance(86_400_000)
    domain.submitted = () => refusedConnection
    for (let round = 0; round < 5; round += 1) await posted(domain, 1)
    expect(await posted(domain, 1)).toEqual([])
    domain.clock.advance(-86_400_000)
    expect(await posted(domain, 1)).toHaveLength(1)
  })
})
