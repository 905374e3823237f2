// No account holds every slot, and a queued task knows its place.
import { describe, expect, test } from 'vitest'
import { eq } from '../../src/db/drizzle.ts'
import type { Caller } from '../../src/accounts/callers.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import type { Submission } from '../../src/tasks/submit/submission.ts'
import { queuePositions } from '../../src/tasks/queue/position.ts'
import type { TaskRow } from '../../src/tasks/store.ts'
import { slotsOfOne } from '../../src/upstream/slots.ts'
import type { DomainHarness } from '../support/domain-harness.ts'
import { crowd, flood, never, open, posted } from './queue-scene.ts'

describe('no account holds every slot:', () => {
  const claim = async (domain: DomainHarness, free: number): Promise<Submission[]> =>
    await claimSubmissions(domain.ctx, domain.keevx, free)
  const accountsOf = (claimed: readonly Submission[]) => claimed.map(({ request }) => request.accountId)

  test.each([
    [2, 1],
    [4, 3],
    [16, 14],
    [256, 232],
  ])('of %s slots an account that is alone takes %s', async (slots, most) => {
    const domain = await open(slots)
    await crowd(domain, (await domain.account(0)).accountId, 1_000)
    expect(await claim(domain, slots)).toHaveLength(most)
    expect(slotsOfOne(slots)).toBe(most)
    expect(await claim(domain, slots)).toEqual([])
  })

  test('the only slot is whose turn it is', async () => {
    const domain = await open(1)
    await crowd(domain, (await domain.account(0)).accountId, 10)
    expect(await claim(domain, 16)).toHaveLength(1)
  })

  test('while a hundred orders of one hang, those of others are posted at once', async () => {
    const domain = await open()
    const [hog, other] = [await domain.account(0), await domain.account(1_000)]
    await crowd(domain, hog.accountId, 100)
    const hanging = await claim(domain, 16)
    await domain.order(other)
    expect(accountsOf(await claim(domain, 16 - hanging.length))).toEqual([other.accountId])
  })

  test('nor do two that hang together', async () => {
    const domain = await open()
    let free = 16
    for (let hog = 0; hog < 2; hog += 1) {
      await crowd(domain, (await domain.account(0)).accountId, 100)
      for (let claimed = 1; claimed > 0;) {
        claimed = (await claim(domain, free)).length
        free -= claimed
      }
    }
    expect(free).toBeGreaterThan(0)
  })

  test('a slot that an account gives back goes to one that has fewer', async () => {
    const domain = await open()
    const [hog, other] = [await domain.account(0), await domain.account(0)]
    await crowd(domain, hog.accountId, 100)
    const hanging = await claim(domain, 16)
    await crowd(domain, other.accountId, 100)
    let free = 16 - hanging.length
    const taken: string[] = []
    for (const submission of hanging.slice(0, 4)) {
      const more = accountsOf(await claim(domain, free))
      taken.push(...more)
      free -= more.length
      await submit(domain.ctx, submission, never)
      free += 1
    }
    expect(new Set(taken)).toEqual(new Set([other.accountId]))
    expect(taken).toHaveLength(4)
  })

  test('an account that was held back has no more turns afterwards for it', async () => {
    const domain = await open()
    const [hog, other] = [await domain.account(0), await domain.account(0)]
    await crowd(domain, hog.accountId, 100)
    const hanging = await claim(domain, 16)
    await crowd(domain, other.accountId, 100)
    for (let round = 0; round < 20; round += 1) {
      for (const submission of await claim(domain, 2)) await submit(domain.ctx, submission, never)
    }
    for (const submission of hanging) await submit(domain.ctx, submission, never)
    // As after a long time in which it had no turn: the others went on, and its tags stayed.
    const { queueFlows: flows } = domain.ctx.db.read.tables
    const isHog = eq(flows.accountId, hog.accountId)
    await domain.ctx.db.transaction(
      async (tx) => void (await tx.update(flows).set({ startTag: 0, finishTag: 0 }).where(isHog)),
    )
    const next = accountsOf(await claim(domain, 16)).slice(0, 10)
    const ofHog = next.filter((id) => id === hog.accountId).length
    expect(ofHog).toBeGreaterThanOrEqual(4)
    expect(ofHog).toBeLessThanOrEqual(6)
  })

  test('the loop is woken when an account that was held back may go on', async () => {
    const domain = await open(4)
    const woken: string[] = []
    const ctx = { ...domain.ctx, wake: (loop: string) => void woken.push(loop) }
    await crowd(domain, (await domain.account(0)).accountId, 100)
    const [first] = await claimSubmissions(ctx, domain.keevx, 4)
    await submit(ctx, first ?? expect.fail(), never)
    await new Promise((resolve) => setImmediate(resolve))
    expect(woken).toContain('submit')
    expect(await claimSubmissions(ctx, domain.keevx, 2)).toHaveLength(1)
  })
})

describe('the place in the queue', () => {
  const placesOf = async (domain: DomainHarness, caller: Caller, count: number) => {
    const tasks = []
    for (let at = 0; at < count; at += 1) {
      domain.clock.advance(1)
      tasks.push(...(await domain.tasks(await domain.order(caller))))
    }
    return tasks
  }
  const shown = async ({ ctx }: DomainHarness, tasks: readonly TaskRow[]) =>
    await queuePositions(ctx.db.read, tasks)

  test('is how many orders are posted before it, and one: as they then are', async () => {
    const domain = await open()
    const [a, b, c] = [await domain.account(1_000), await domain.account(1_000), await domain.account(1_000)]
    await flood(domain, a, 1)
    await posted(domain, 1)
    const tasks = [
      ...(await placesOf(domain, a, 4)),
      ...(await placesOf(domain, b, 3)),
      ...(await placesOf(domain, c, 2)),
    ]
    const places = await shown(domain, tasks.toReversed())
    const order: string[] = []
    for (let at = 0; at < tasks.length; at += 1) {
      for (const submission of await claimSubmissions(domain.ctx, domain.keevx, 1)) {
        order.push(submission.request.id)
        await submit(domain.ctx, submission, never)
      }
    }
    const reached = tasks.toReversed().map(({ requestId }) => order.indexOf(requestId) + 1)
    expect(places).toHaveLength(9)
    expect(places).toEqual(reached)
    expect(
      await shown(
        domain,
        await domain.tasks({ requestId: order[0] ?? '', taskIds: [], credits: 0, steps: null }),
      ),
    ).toEqual([null])
  })

  test('is exact up to a thousand, and beyond it 1000+', async () => {
    const domain = await open()
    const own = await domain.account(1_000)
    await crowd(domain, own.accountId, 998)
    const [first, second, third] = await placesOf(domain, own, 3)
    if (!first || !second || !third) expect.fail()
    expect(await shown(domain, [third, second, first])).toEqual(['1000+', 1_000, 999])
    const other = await domain.account(0)
    await crowd(domain, other.accountId, 5_000)
    expect(await shown(domain, [third, second, first])).toEqual(['1000+', '1000+', '1000+'])
    const [newcomer] = await placesOf(domain, await domain.account(100), 1)
    expect(await shown(domain, [newcomer ?? expect.fail()])).toEqual([3])
  })

  test('is not moved by what waits for another upstream', async () => {
    const domain = await open()
    const own = await domain.account(1_000)
    await crowd(domain, own.accountId, 2_000, 'elsewhere')
    const [task] = await placesOf(domain, own, 1)
    expect(await shown(domain, [task ?? expect.fail()])).toEqual([1])
  })
})
