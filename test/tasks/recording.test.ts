// What an upstream has answered is written down even when the store is busy, and never guessed at.
import { describe, expect, test } from 'vitest'
import { CommitUnknown } from '../../src/db/errors.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { recordOutcome } from '../../src/tasks/submit/outcome.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { bringPollsCloser, releaseLeases } from '../../src/tasks/rescue/release-leases.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import type { Submission } from '../../src/tasks/submit/submission.ts'
import type { SubmitOutcome, UpstreamResult } from '../../src/upstream/adapter.ts'
import type { Context } from '../../src/context.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const never = new AbortController().signal

/** A store whose next transactions fail before they have begun. */
function failing(ctx: Context, ...errors: Error[]): Context {
  const transaction: Context['db']['transaction'] = async (work) => {
    const error = errors.shift()
    if (error) throw error
    return await ctx.db.transaction(work)
  }
  return { ...ctx, db: { ...ctx.db, transaction } }
}

/** Turns the clock while the work waits on it. */
async function turning<Result>(domain: DomainHarness, work: Promise<Result>): Promise<Result> {
  const over = new AbortController()
  const ended = work.finally(() => over.abort())
  // Looked at below; until then a failure is not one that nobody noticed.
  ended.catch(() => undefined)
  while (!over.signal.aborted) {
    await new Promise((resolve) => setImmediate(resolve))
    domain.clock.advance(100)
  }
  return await ended
}

async function claimed(domain: DomainHarness, count = 1) {
  const caller = await domain.account(1_000)
  const created = await domain.order(caller, count)
  const [submission] = await claimSubmissions(domain.ctx, domain.keevx, 1)
  if (!submission) throw new Error('nothing was claimed')
  return { caller, created, submission }
}

/** The upstream takes so long that the order is taken for abandoned, and given up where it takes longer still. */
async function answeredLate(
  domain: DomainHarness,
  submission: Submission,
  { outcome, afterMs }: { readonly outcome: SubmitOutcome; readonly afterMs: readonly number[] },
): Promise<void> {
  domain.submitted = async () => {
    for (const ms of afterMs) {
      domain.clock.advance(ms)
      await rescue(domain.ctx)
    }
    return outcome
  }
  await submit(domain.ctx, submission, never)
}

const pastLease = [17_000]

describe('an accepted answer', () => {
  test('that cannot be recorded at once is recorded a little later, and posted once', async () => {
    const domain = await openDomainHarness()
    const { created, submission } = await claimed(domain)
    domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-1'] })
    const busy = Array.from({ length: 3 }, () => domain.store.busyError())
    await turning(domain, submit(failing(domain.ctx, ...busy), submission, never))
    expect(await domain.tasks(created)).toMatchObject([{ state: 'running', upstreamTaskId: 'i2is-1' }])
    expect(domain.posted).toHaveLength(1)
  })

  test('that can never be recorded is given up in time, and its order never posted again', async () => {
    const domain = await openDomainHarness()
    const { caller, created, submission } = await claimed(domain)
    const busy = domain.store.busyError()
    const broken = failing(domain.ctx, ...Array.from({ length: 1_000 }, () => busy))
    await expect(turning(domain, submit(broken, submission, never))).rejects.toThrow(busy)
    domain.clock.advance(30_000)
    await rescue(domain.ctx)
    expect(await domain.tasks(created)).toMatchObject([{ state: 'unknown' }])
    domain.clock.advance(10_000)
    await rescue(domain.ctx)
    expect(await domain.tasks(created)).toMatchObject([{ state: 'failed', creditsRefunded: 15 }])
    expect(await domain.balance(caller)).toBe(1_000)
    expect(await claimSubmissions(domain.ctx, domain.keevx, 1)).toEqual([])
    expect(domain.posted).toHaveLength(1)
  })

  test('whose commit nobody can vouch for is not recorded a second time', async () => {
    const domain = await openDomainHarness()
    const { submission } = await claimed(domain)
    const doubtful = failing(domain.ctx, new CommitUnknown(new Error('fsync')))
    await expect(submit(doubtful, submission, never)).rejects.toBeInstanceOf(CommitUnknown)
  })

  test('that comes after its order was given up runs nothing, and is known as an orphan', async () => {
    const domain = await openDomainHarness()
    const { caller, created, submission } = await claimed(domain)
    const outcome = { kind: 'accepted', taskIds: ['i2is-late'] } as const
    await answeredLate(domain, submission, { outcome, afterMs: [...pastLease, 10_000] })
    expect(await domain.tasks(created)).toMatchObject([{ state: 'failed', creditsRefunded: 15 }])
    expect(await domain.balance(caller)).toBe(1_000)
    const { read } = domain.ctx.db
    expect(await read.select().from(read.tables.orphans)).toMatchObject([
      { reason: 'late_accept', upstreamTaskId: 'i2is-late' },
    ])
  })

  test('that comes after its lease, yet before its limit, still counts', async () => {
    const domain = await openDomainHarness()
    const { created, submission } = await claimed(domain)
    const outcome = { kind: 'accepted', taskIds: ['i2is-1'] } as const
    await answeredLate(domain, submission, { outcome, afterMs: pastLease })
    expect(await domain.tasks(created)).toMatchObject([{ state: 'running', upstreamTaskId: 'i2is-1' }])
  })

  test.each(['not_accepted', 'rate_limited', 'key_rejected'] as const)(
    'that is "%s" lets the order go again, for nobody took it, however late that is known',
    async (kind) => {
      const domain = await openDomainHarness()
      const { created, submission } = await claimed(domain)
      const outcome = { kind, retryAfterMs: null, detail: 'd' } as const
      await answeredLate(domain, submission, { outcome, afterMs: pastLease })
      expect(await domain.tasks(created)).toMatchObject([{ state: 'queued' }])
      domain.clock.advance(60_000)
      expect(await claimSubmissions(domain.ctx, domain.keevx, 1)).toHaveLength(1)
    },
  )

  test('that is ambiguous after its lease posts nothing again', async () => {
    const domain = await openDomainHarness()
    const { created, submission } = await claimed(domain)
    const outcome = { kind: 'ambiguous', cause: 'server_error', detail: 'd' } as const
    await answeredLate(domain, submission, { outcome, afterMs: pastLease })
    domain.clock.advance(60_000)
    expect(await claimSubmissions(domain.ctx, domain.keevx, 1)).toEqual([])
    expect(await domain.tasks(created)).toMatchObject([{ state: 'unknown' }])
  })

  test('that refuses after its lease fails the task with the reason it gave', async () => {
    const domain = await openDomainHarness()
    const { created, submission } = await claimed(domain)
    const outcome = { kind: 'refused', reason: 'The prompt is too long.', detail: 'd' } as const
    await answeredLate(domain, submission, { outcome, afterMs: pastLease })
    expect(await domain.tasks(created)).toMatchObject([
      { state: 'failed', errorMessage: 'The prompt is too long.' },
    ])
  })

  test('whose task was being looked at by a process that died is looked at again soon', async () => {
    const domain = await openDomainHarness()
    const { submission } = await claimed(domain)
    domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-1'] })
    await submit(domain.ctx, submission, never)
    const everyMs = domain.keevx.settings.image.pollEveryMs
    domain.clock.advance(2 * everyMs)
    const [held] = await claimPolls(domain.ctx, 1)
    await bringPollsCloser(domain.ctx, { onTurn: () => undefined, signal: never })
    expect(held?.dueAt).toBeGreaterThan(domain.clock.now() + 2 * everyMs)
    domain.clock.advance(2 * everyMs)
    expect(await claimPolls(domain.ctx, 1)).toHaveLength(1)
  })

  test('in the hands of a process that died waits for no lease', async () => {
    const domain = await openDomainHarness()
    const { created } = await claimed(domain)
    await releaseLeases(domain.ctx)
    await rescue(domain.ctx)
    expect(await domain.tasks(created)).toMatchObject([{ state: 'unknown' }])
  })
})

test('orphans are counted once, also when the work that found them ran twice', async () => {
  const domain = await openDomainHarness()
  const { submission } = await claimed(domain)
  await Promise.allSettled([
    recordOutcome(domain.ctx, submission, { kind: 'accepted', taskIds: ['i2is-1', 'i2is-2'] }),
    domain.ctx.db.transaction(async () => {
      throw new Error('makes the whole turn run again')
    }),
  ])
  const counted = await domain.ctx.metrics.registry.getSingleMetric('tollgate_orphans_total')?.get()
  expect(counted?.values).toMatchObject([{ labels: { reason: 'extra_id' }, value: 1 }])
})

describe('a result that no column could hold', () => {
  const url = 'https://example.com/a.png'
  const fine = {
    imageUrl: url,
    videoUrl: null,
    thumbnailUrl: null,
    width: null,
    height: null,
    durationSeconds: null,
  }
  test.each<[string, Partial<UpstreamResult>, object]>([
    ['a fraction of a pixel', { width: 1080.4, height: 719.6 }, { width: 1080, height: 720 }],
    ['more than a whole number can be', { width: 1e300, height: 2 ** 53 }, { width: null, height: null }],
    ['a length without end', { durationSeconds: 1e300 }, { durationMs: null }],
    ['a length of thousandths', { durationSeconds: 5.0419 }, { durationMs: 5042 }],
  ])('ends its task all the same: %s', async (_name, odd, kept) => {
    const domain = await openDomainHarness()
    const { created, submission } = await claimed(domain)
    await submit(domain.ctx, submission, never)
    domain.clock.advance(100)
    domain.seen = () => ({ kind: 'succeeded', result: { ...fine, ...odd } })
    for (const task of await claimPolls(domain.ctx, 1)) await pollTask(domain.ctx, task, never)
    expect(await domain.tasks(created)).toMatchObject([{ state: 'succeeded', imageUrl: url, ...kept }])
  })
})

test('a look that began before the limit and was answered after it is not the last', async () => {
  const domain = await openDomainHarness()
  const { created, submission } = await claimed(domain)
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-1'] })
  await submit(domain.ctx, submission, never)
  const { pollEveryMs, giveUpAfterMs } = domain.keevx.settings.image
  domain.clock.advance(2 * pollEveryMs)
  const [task] = await claimPolls(domain.ctx, 1)
  domain.seen = () => {
    domain.clock.advance(giveUpAfterMs)
    return { kind: 'running' }
  }
  await pollTask(domain.ctx, task ?? expect.fail(), never)
  expect(await domain.tasks(created)).toMatchObject([{ state: 'running' }])
  expect(await claimPolls(domain.ctx, 1)).toHaveLength(1)
})
