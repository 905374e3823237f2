// Whose order is posted next: accounts take turns, and orders keep their place.
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import type { Caller } from '../../src/accounts/keys.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import { openWorkshop } from '../support/workshop.ts'
import { crowd, flood, never, open, posted, sound, unlimited } from './queue-scene.ts'

const accepted = (): SubmitOutcome => ({ kind: 'accepted', taskIds: [`u${Math.random()}`] })
const limited: SubmitOutcome = { kind: 'rate_limited', retryAfterMs: 1_000, detail: 'HTTP 429' }
const refusedConnection: SubmitOutcome = { kind: 'not_accepted', detail: 'ECONNREFUSED' }

describe('accounts take turns:', () => {
  test('one that comes behind ten thousand orders of another is posted next', async () => {
    const shop = await open()
    const [hog, newcomer] = [await shop.account(0), await shop.account(100)]
    crowd(shop, hog.accountId, 10_000)
    await posted(shop, 3)
    await shop.order(newcomer)
    expect(await posted(shop, 2)).toEqual([newcomer.accountId, hog.accountId])
  })

  test('one that comes behind ten that flood is posted next, wherever in their round they are', async () => {
    const shop = await open()
    const hogs = await Promise.all(Array.from({ length: 10 }, () => shop.account(0)))
    for (const { accountId } of hogs) crowd(shop, accountId, 50)
    for (const before of [10, 0, 1, 7]) {
      await posted(shop, before)
      const newcomer = await shop.account(100)
      await shop.order(newcomer)
      expect(await posted(shop, 1)).toEqual([newcomer.accountId])
    }
  })

  test('three that wait have one of three each, also where one has a hundred times as many', async () => {
    const shop = await open()
    const [a, b, c] = [await shop.account(0), await shop.account(0), await shop.account(0)]
    crowd(shop, a.accountId, 3_000)
    crowd(shop, b.accountId, 30)
    crowd(shop, c.accountId, 30)
    const order = await posted(shop, 30)
    for (const { accountId } of [a, b, c]) expect(order.filter((id) => id === accountId)).toHaveLength(10)
    for (let round = 0; round < 30; round += 3) expect(new Set(order.slice(round, round + 3)).size).toBe(3)
  })

  test('so they do within one claim of many', async () => {
    const shop = await open()
    const [a, b] = [await shop.account(0), await shop.account(0)]
    crowd(shop, a.accountId, 100)
    crowd(shop, b.accountId, 100)
    const claimed = await claimSubmissions(shop.ctx, shop.keevx, 16)
    const order = claimed.map(({ request }) => request.accountId)
    expect(order).toHaveLength(15)
    expect(order.slice(0, 14)).toEqual(Array.from({ length: 7 }, () => [a.accountId, b.accountId]).flat())
    await sound(shop)
  })

  test('one that sends its orders one by one has no more turns than one whose orders wait', async () => {
    const shop = await open()
    const [mayDelay, quick] = [await shop.account(0), await shop.account(10_000)]
    crowd(shop, mayDelay.accountId, 100)
    const order: string[] = []
    for (let at = 0; at < 16; at += 1) {
      await shop.order(quick)
      order.push(...(await posted(shop, 1)))
    }
    expect(order.filter((id) => id === mayDelay.accountId).length).toBeGreaterThanOrEqual(7)
  })

  test('one that cancelled, or whose orders ran out of time, is not behind for what was never posted', async () => {
    const shop = await open()
    const [a, b] = [await shop.account(0), await shop.account(10_000)]
    crowd(shop, a.accountId, 1_000)
    const client = new Sqlite(shop.file)
    client.exec(`UPDATE tasks SET state = 'failed', cancelled = 1, error_message = 'c' WHERE account_id = '${a.accountId}'
      AND request_id <> (SELECT max(id) FROM requests WHERE account_id = '${a.accountId}');
      UPDATE requests SET state = 'failed', due_at = NULL WHERE account_id = '${a.accountId}'
      AND id <> (SELECT max(id) FROM requests WHERE account_id = '${a.accountId}')`)
    client.close()
    await flood(shop, b, 3)
    expect((await posted(shop, 2)).toSorted()).toEqual([a.accountId, b.accountId].toSorted())
  })

  test('the turn survives the end of the process', async () => {
    const shop = await open()
    const [hog, other] = [await shop.account(0), await shop.account(0)]
    crowd(shop, hog.accountId, 1_000)
    for (const submission of await claimSubmissions(shop.ctx, shop.keevx, 256))
      await submit(shop.ctx, submission, never)
    crowd(shop, other.accountId, 1_000)
    const next = await openWorkshop({ folder: shop.folder, clock: shop.clock, yaml: unlimited })
    const order = await posted(next, 20)
    // Not the hundreds of turns that the first had while it was alone, and had just had the last of.
    expect(order.filter((id) => id === hog.accountId)).toHaveLength(9)
    await sound(next)
  })

  test('a clock that goes back or far ahead changes no turn', async () => {
    const shop = await open()
    const hog = await shop.account(0)
    crowd(shop, hog.accountId, 10)
    await posted(shop, 1)
    for (const jumpMs of [-3_600_000, 30 * 86_400_000]) {
      shop.clock.advance(jumpMs)
      const other = await shop.account(100)
      await shop.order(other)
      expect(await posted(shop, 2)).toEqual([other.accountId, hog.accountId])
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
    const shop = await open()
    const callers: Caller[] = []
    for (let at = 0; at < accounts; at += 1) callers.push(await shop.account(1_000))
    const at = new Map<string, number>()
    for (let order = 0; order < orders; order += 1) {
      shop.clock.advance(1)
      const created = await shop.order(callers[order % accounts] ?? expect.fail())
      at.set(created.requestId, order)
    }
    const order: number[] = []
    const left = [...answers]
    for (let turn = 0; turn < 200 && order.length < orders + answers.length; turn += 1) {
      for (const submission of await claimSubmissions(shop.ctx, shop.keevx, 1)) {
        shop.submitted = () => left.shift() ?? accepted()
        order.push(at.get(submission.request.id) ?? Number.NaN)
        await submit(shop.ctx, submission, never)
      }
      shop.clock.advance(pauseMs)
    }
    await sound(shop)
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
    const shop = await open()
    const [tried, other] = [await shop.account(1_000), await shop.account(0)]
    await flood(shop, tried, 5)
    shop.submitted = () => refusedConnection
    const claimed = await claimSubmissions(shop.ctx, shop.keevx, 16)
    expect(claimed).toHaveLength(5)
    await Promise.all(claimed.map((submission) => submit(shop.ctx, submission, never)))
    crowd(shop, other.accountId, 1_000)
    shop.submitted = accepted
    shop.clock.advance(60_000)
    const order = await posted(shop, 6)
    // The one between them is the first of an account that had nothing in the queue until then.
    expect(order.filter((id) => id === tried.accountId)).toHaveLength(5)
  })

  test('a pause that ends further away than any lasts is over: the clock was ahead when it began', async () => {
    const shop = await open()
    await shop.order(await shop.account(100))
    shop.clock.advance(86_400_000)
    shop.submitted = () => refusedConnection
    for (let round = 0; round < 5; round += 1) await posted(shop, 1)
    expect(await posted(shop, 1)).toEqual([])
    shop.clock.advance(-86_400_000)
    expect(await posted(shop, 1)).toHaveLength(1)
  })
})
