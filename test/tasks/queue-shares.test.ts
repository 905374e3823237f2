// No account holds every slot, and a queued task knows its place.
import { describe, expect, test } from 'vitest'
import { eq } from '../../src/db/drizzle.ts'
import type { Caller } from '../../src/accounts/keys.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import type { Submission } from '../../src/tasks/submit/submit.ts'
import { queuePositions } from '../../src/tasks/queue/position.ts'
import type { TaskRow } from '../../src/tasks/store.ts'
import { slotsOfOne } from '../../src/upstream/slots.ts'
import type { Workshop } from '../support/workshop.ts'
import { crowd, flood, never, open, posted } from './queue-scene.ts'

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
    const shop = await open(slots)
    crowd(shop, (await shop.account(0)).accountId, 1_000)
    expect(await claim(shop, slots)).toHaveLength(most)
    expect(slotsOfOne(slots)).toBe(most)
    expect(await claim(shop, slots)).toEqual([])
  })

  test('the only slot is whose turn it is', async () => {
    const shop = await open(1)
    crowd(shop, (await shop.account(0)).accountId, 10)
    expect(await claim(shop, 16)).toHaveLength(1)
  })

  test('while a hundred orders of one hang, those of others are posted at once', async () => {
    const shop = await open()
    const [hog, other] = [await shop.account(0), await shop.account(1_000)]
    crowd(shop, hog.accountId, 100)
    const hanging = await claim(shop, 16)
    await shop.order(other)
    expect(accountsOf(await claim(shop, 16 - hanging.length))).toEqual([other.accountId])
  })

  test('nor do two that hang together', async () => {
    const shop = await open()
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
    const shop = await open()
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

  test('an account that was held back has no more turns afterwards for it', async () => {
    const shop = await open()
    const [hog, other] = [await shop.account(0), await shop.account(0)]
    crowd(shop, hog.accountId, 100)
    const hanging = await claim(shop, 16)
    crowd(shop, other.accountId, 100)
    for (let round = 0; round < 20; round += 1) {
      for (const submission of await claim(shop, 2)) await submit(shop.ctx, submission, never)
    }
    for (const submission of hanging) await submit(shop.ctx, submission, never)
    // As after a long time in which it had no turn: the others went on, and its tags stayed.
    const { queueFlows: flows } = shop.ctx.db.read.tables
    const isHog = eq(flows.accountId, hog.accountId)
    await shop.ctx.db.transaction(
      async (tx) => void (await tx.update(flows).set({ startTag: 0, finishTag: 0 }).where(isHog)),
    )
    const next = accountsOf(await claim(shop, 16)).slice(0, 10)
    const ofHog = next.filter((id) => id === hog.accountId).length
    expect(ofHog).toBeGreaterThanOrEqual(4)
    expect(ofHog).toBeLessThanOrEqual(6)
  })

  test('the loop is woken when an account that was held back may go on', async () => {
    const shop = await open(4)
    const woken: string[] = []
    const ctx = { ...shop.ctx, wake: (loop: string) => void woken.push(loop) }
    crowd(shop, (await shop.account(0)).accountId, 100)
    const [first] = await claimSubmissions(ctx, shop.keevx, 4)
    await submit(ctx, first ?? expect.fail(), never)
    await new Promise((resolve) => setImmediate(resolve))
    expect(woken).toContain('submit')
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
    const shop = await open()
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
    const shop = await open()
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
    const shop = await open()
    const own = await shop.account(1_000)
    crowd(shop, own.accountId, 2_000, 'elsewhere')
    const [task] = await placesOf(shop, own, 1)
    expect(await shown(shop, [task ?? expect.fail()])).toEqual([1])
  })
})
