// Whose order is posted next: accounts take turns, orders keep their place, and no account holds every slot.
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import type { Caller } from '../../src/accounts/keys.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { claimSubmissions, submit } from '../../src/tasks/dispatch.ts'
import type { Submission } from '../../src/tasks/dispatch.ts'
import { lateness } from '../../src/tasks/sweep.ts'
import { queuePositions } from '../../src/tasks/queue/position.ts'
import type { TaskRow } from '../../src/tasks/store.ts'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import { slotsOfOne } from '../../src/upstream/slots.ts'
import { openWorkshop } from '../support/workshop.ts'
import type { Workshop } from '../support/workshop.ts'

const never = new AbortController().signal
const unlimited = `
upstreams:
  keevx: { adapter: keevx, submit: { queue_for: 30m, timeout: 30s, after_429: 30s } }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
`
const open = () => openWorkshop({ yaml: unlimited })

/** Who ordered each, in the order in which they are posted one at a time. */
async function posted(shop: Workshop, count: number): Promise<string[]> {
  const accounts: string[] = []
  for (let at = 0; at < count; at += 1) {
    for (const submission of await claimSubmissions(shop.ctx, shop.keevx, 1)) {
      accounts.push(submission.request.accountId)
      await submit(shop.ctx, submission, never)
    }
  }
  return accounts
}

const flood = async (shop: Workshop, caller: Caller, orders: number): Promise<void> => {
  for (let at = 0; at < orders; at += 1) await shop.order(caller)
}

/** So many queued orders, written as a create writes them, without the work of as many creates. */
function crowd({ file, clock }: Workshop, accountId: string, orders: number, upstream = 'keevx'): void {
  const client = new Sqlite(file)
  client.exec(`
    CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${orders}) SELECT i FROM c;
    INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state, due_at, attempts_made,
      retries_made, failures_in_row, created_at)
      SELECT 'req_00' || '${accountId}' || '${upstream}' || printf('%08d', i), '${accountId}', 'k', 'm', 'image', '${upstream}',
      '{"count":1}', 'queued', ${clock.now()}, 0, 0, 0, ${clock.now()} FROM n;
    INSERT INTO tasks (id, request_id, account_id, model_id, task_type, state, credits, credits_refunded, upstream,
      operation, upstream_pending, polls_made, missing_in_row, created_at)
      SELECT replace(id, 'req', 'task'), id, account_id, 'm', 'image', 'queued', 0, 0, '${upstream}', 'image_generate', 0, 0, 0,
      created_at FROM requests WHERE id LIKE 'req_00${accountId}${upstream}%';
    INSERT INTO entries (account_id, kind, amount, balance_after, task_id, created_at)
      SELECT account_id, 'charge', 0, 0, id, created_at FROM tasks WHERE id LIKE 'task_00${accountId}${upstream}%';
    UPDATE accounts SET tasks_open = tasks_open + ${orders} WHERE id = '${accountId}'`)
  client.close()
}

const sound = async ({ ctx, clock }: Workshop) =>
  expect(await verifyLedger(ctx.db, clock.now(), lateness(ctx.config))).toMatchObject({ drift: [] })

const accepted = (): SubmitOutcome => ({ kind: 'accepted', taskIds: [`u${Math.random()}`] })
const limited: SubmitOutcome = { kind: 'rate_limited', retryAfterMs: 1_000, detail: 'HTTP 429' }
const refusedConnection: SubmitOutcome = { kind: 'not_accepted', detail: 'ECONNREFUSED' }

describe('accounts take turns:', () => {
  test('one that comes behind ten thousand orders of another is posted next', async () => {
    const shop = open()
    const [hog, newcomer] = [await shop.account(0), await shop.account(100)]
    crowd(shop, hog.accountId, 10_000)
    await posted(shop, 3)
    await shop.order(newcomer)
    expect(await posted(shop, 2)).toEqual([newcomer.accountId, hog.accountId])
  })

  test('one that comes behind ten that flood is posted next, wherever in their round they are', async () => {
    const shop = open()
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
    const shop = open()
    const [a, b, c] = [await shop.account(0), await shop.account(0), await shop.account(0)]
    crowd(shop, a.accountId, 3_000)
    crowd(shop, b.accountId, 30)
    crowd(shop, c.accountId, 30)
    const order = await posted(shop, 30)
    for (const { accountId } of [a, b, c]) expect(order.filter((id) => id === accountId)).toHaveLength(10)
    for (let round = 0; round < 30; round += 3) expect(new Set(order.slice(round, round + 3)).size).toBe(3)
  })

  test('so they do within one claim of many', async () => {
    const shop = open()
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
    const shop = open()
    const [patient, quick] = [await shop.account(0), await shop.account(10_000)]
    crowd(shop, patient.accountId, 100)
    const order: string[] = []
    for (let at = 0; at < 16; at += 1) {
      await shop.order(quick)
      order.push(...(await posted(shop, 1)))
    }
    expect(order.filter((id) => id === patient.accountId).length).toBeGreaterThanOrEqual(7)
  })

  test('one that cancelled, or whose orders ran out of time, is not behind for what was never posted', async () => {
    const shop = open()
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
    const shop = open()
    const [hog, other] = [await shop.account(0), await shop.account(0)]
    crowd(shop, hog.accountId, 1_000)
    for (const submission of await claimSubmissions(shop.ctx, shop.keevx, 256))
      await submit(shop.ctx, submission, never)
    crowd(shop, other.accountId, 1_000)
    const next = openWorkshop({ folder: shop.folder, clock: shop.clock, yaml: unlimited })
    const order = await posted(next, 20)
    // Not the hundreds of turns that the first had while it was alone, and had just had the last of.
    expect(order.filter((id) => id === hog.accountId)).toHaveLength(9)
    await sound(next)
  })

  test('a clock that goes back or far ahead changes no turn', async () => {
    const shop = open()
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
    const shop = open()
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

  test.each([1, 40])('four times 429 lose nobody its place, of %s accounts', async (accounts) => {
    const order = await run([limited, limited, limited, limited], 1_000, accounts, 40)
    expect(order).toEqual([0, 0, 0, 0, ...inLine(40)])
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
    const shop = open()
    const [tried, other] = [await shop.account(1_000), await shop.account(0)]
    await flood(shop, tried, 5)
    shop.submitted = () => refusedConnection
    for (let round = 0; round < 4; round += 1) {
      const claimed = await claimSubmissions(shop.ctx, shop.keevx, 16)
      expect(claimed).toHaveLength(5)
      await Promise.all(claimed.map((submission) => submit(shop.ctx, submission, never)))
    }
    crowd(shop, other.accountId, 1_000)
    shop.submitted = accepted
    shop.clock.advance(60_000)
    const order = await posted(shop, 6)
    // The one between them is the first of an account that had nothing in the queue until then.
    expect(order.filter((id) => id === tried.accountId)).toHaveLength(5)
  })

  test('a pause that ends further away than any lasts is over: the clock was ahead when it began', async () => {
    const shop = open()
    await shop.order(await shop.account(100))
    shop.clock.advance(86_400_000)
    shop.submitted = () => refusedConnection
    for (let round = 0; round < 5; round += 1) await posted(shop, 1)
    expect(await posted(shop, 1)).toEqual([])
    shop.clock.advance(-86_400_000)
    expect(await posted(shop, 1)).toHaveLength(1)
  })
})

describe('no account holds every slot:', () => {
  const claim = async (shop: Workshop, free: number): Promise<Submission[]> =>
    await claimSubmissions(shop.ctx, shop.keevx, free)
  const accountsOf = (claimed: readonly Submission[]) => claimed.map(({ request }) => request.accountId)

  test.each([
    [2, 1],
    [4, 3],
    [16, 14],
    [256, 232],
  ])('of %s slots an account that is alone takes %s', async (slots, most) => {
    const shop = open()
    crowd(shop, (await shop.account(0)).accountId, 1_000)
    expect(await claim(shop, slots)).toHaveLength(most)
    expect(slotsOfOne(slots)).toBe(most)
    expect(await claim(shop, slots - most)).toEqual([])
  })

  test('the only slot is whose turn it is', async () => {
    const shop = open()
    crowd(shop, (await shop.account(0)).accountId, 10)
    expect(await claim(shop, 1)).toHaveLength(1)
  })

  test('while a hundred orders of one hang, those of others are posted at once', async () => {
    const shop = open()
    const [hog, other] = [await shop.account(0), await shop.account(1_000)]
    crowd(shop, hog.accountId, 100)
    const hanging = await claim(shop, 16)
    await shop.order(other)
    expect(accountsOf(await claim(shop, 16 - hanging.length))).toEqual([other.accountId])
  })

  test('nor do two that hang together', async () => {
    const shop = open()
    let free = 16
    for (let hog = 0; hog < 2; hog += 1) {
      crowd(shop, (await shop.account(0)).accountId, 100)
      for (let claimed = 1; claimed > 0;) {
        claimed = (await claim(shop, free)).length
        free -= claimed
      }
    }
    expect(free).toBeGreaterThan(0)
  })

  test('a slot that an account gives back goes to one that has fewer', async () => {
    const shop = open()
    const [hog, other] = [await shop.account(0), await shop.account(0)]
    crowd(shop, hog.accountId, 100)
    const hanging = await claim(shop, 16)
    crowd(shop, other.accountId, 100)
    let free = 16 - hanging.length
    const taken: string[] = []
    for (const submission of hanging.slice(0, 4)) {
      const more = accountsOf(await claim(shop, free))
      taken.push(...more)
      free -= more.length
      await submit(shop.ctx, submission, never)
      free += 1
    }
    expect(new Set(taken)).toEqual(new Set([other.accountId]))
    expect(taken).toHaveLength(4)
  })

  test('the loop is woken when an account that was held back may go on', async () => {
    const shop = open()
    const woken: string[] = []
    const ctx = { ...shop.ctx, wake: (loop: string) => void woken.push(loop) }
    crowd(shop, (await shop.account(0)).accountId, 100)
    const [first] = await claimSubmissions(ctx, shop.keevx, 4)
    await submit(ctx, first ?? expect.fail(), never)
    await new Promise((resolve) => setImmediate(resolve))
    expect(woken).toContain('dispatch')
    expect(await claimSubmissions(ctx, shop.keevx, 2)).toHaveLength(1)
  })
})

describe('the place in the queue', () => {
  const placesOf = async (shop: Workshop, caller: Caller, count: number) => {
    const tasks = []
    for (let at = 0; at < count; at += 1) {
      shop.clock.advance(1)
      tasks.push(...(await shop.tasks(await shop.order(caller))))
    }
    return tasks
  }
  const shown = async ({ ctx }: Workshop, tasks: readonly TaskRow[]) =>
    await queuePositions(ctx.db.read, tasks)

  test('is how many orders are posted before it, and one: as they then are', async () => {
    const shop = open()
    const [a, b, c] = [await shop.account(1_000), await shop.account(1_000), await shop.account(1_000)]
    await flood(shop, a, 1)
    await posted(shop, 1)
    const tasks = [
      ...(await placesOf(shop, a, 4)),
      ...(await placesOf(shop, b, 3)),
      ...(await placesOf(shop, c, 2)),
    ]
    const places = await shown(shop, tasks.toReversed())
    const order: string[] = []
    for (let at = 0; at < tasks.length; at += 1) {
      for (const submission of await claimSubmissions(shop.ctx, shop.keevx, 1)) {
        order.push(submission.request.id)
        await submit(shop.ctx, submission, never)
      }
    }
    const reached = tasks.toReversed().map(({ requestId }) => order.indexOf(requestId) + 1)
    expect(places).toHaveLength(9)
    expect(places).toEqual(reached)
    expect(
      await shown(shop, await shop.tasks({ requestId: order[0] ?? '', taskIds: [], credits: 0 })),
    ).toEqual([null])
  })

  test('is exact up to a thousand, and beyond it 1000+', async () => {
    const shop = open()
    const own = await shop.account(1_000)
    crowd(shop, own.accountId, 998)
    const [first, second, third] = await placesOf(shop, own, 3)
    if (!first || !second || !third) expect.fail()
    expect(await shown(shop, [third, second, first])).toEqual(['1000+', 1_000, 999])
    const other = await shop.account(0)
    crowd(shop, other.accountId, 5_000)
    expect(await shown(shop, [third, second, first])).toEqual(['1000+', '1000+', '1000+'])
    const [newcomer] = await placesOf(shop, await shop.account(100), 1)
    expect(await shown(shop, [newcomer ?? expect.fail()])).toEqual([3])
  })

  test('is not moved by what waits for another upstream', async () => {
    const shop = open()
    const own = await shop.account(1_000)
    crowd(shop, own.accountId, 2_000, 'elsewhere')
    const [task] = await placesOf(shop, own, 1)
    expect(await shown(shop, [task ?? expect.fail()])).toEqual([1])
  })
})
