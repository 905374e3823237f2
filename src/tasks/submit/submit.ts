// Posts queued requests to their upstream: commits the attempt, posts the order, commits the outcome.
import type { Context, Scope, Upstream } from '../../context.ts'
import { allOf } from '../../db/batched.ts'
import type { Tx } from '../../db/database.ts'
import { newId } from '../../ids.ts'
import type { SubmitOutcome } from '../../upstream/adapter.ts'
import type { KeyLease } from '../../upstream/keys/held-key.ts'
import type { Posted } from '../../upstream/rate-limits/holds.ts'
import { isCalled } from '../callbacks/unmatched.ts'
import { newCallback } from '../callbacks/url.ts'
import { heldUntil } from '../first-frame/hold.ts'
import { orderToPost } from '../first-frame/order.ts'
import { isStillClaimed, queueUnposted } from './claim-age.ts'
import { claimRequest } from './claim-request.ts'
import { submitLeaseMs } from './lease.ts'
import { recordOutcome } from './outcome.ts'
import { leaseFor, scopesOf } from '../queue/held.ts'
import { backMax, bringBackEarly, endPauses, isAnyPauseOver, park } from '../queue/pauses.ts'
import { pickOrders } from '../queue/pick.ts'
import type { Picked, Picks } from '../queue/pick.ts'
import { pickProbe } from '../queue/probe.ts'
import { attemptInDoubt, insertAttempt } from '../attempts.ts'
import { orderTasksOfRequest, requestById } from '../store.ts'
import { longestPauseMs } from './retry-policy.ts'
import type { Submission } from './submission.ts'

/** How soon an order is looked at again that a callback has named work of. */
const calledPauseMs = 500

/**
 * Takes up to `max` orders, fairly among accounts, within the concurrency limits of the upstream's keys. None
 * while every key pauses.
 */
export async function claimSubmissions(ctx: Context, upstream: Upstream, max: number): Promise<Submission[]> {
  const nowMs = ctx.clock.now()
  const { keys, slots, recognition, name } = upstream
  const room = Math.min(max, keys.room(nowMs))
  if (room === 0) return []
  const wanted = { upstream: name, max: room, free: keys.free(), slots }
  const caution = keys.caution(nowMs)
  const probe = caution && (await pickProbe(ctx.db.read, { ...wanted, caution, keys }))
  if (caution === 'try' && !probe) return []
  // While a key is suspected, few paused orders return at a time, so that the queue is left to the others.
  const pauses = {
    upstream: name,
    nowMs,
    longestMs: longestPauseMs(upstream),
    max: caution ? room : backMax,
  }
  const isPauseOver = !probe && (await isAnyPauseOver(ctx.db.read, pauses))
  const seen = probe
    ? onlyOne(probe)
    : isPauseOver || upstream.returns.isAny
      ? null
      : await pickOrders(ctx.db.read, wanted)
  if (seen) slots.noteHeldBack(seen.isHeldBack)
  const admitted = recognition.admit(seen ? seen.picks.length : room, nowMs)
  if (admitted === 0) return []
  // Not in the transaction, which may run twice and so touches only the store.
  const spare = keys.spareFor(seen?.picks.map(({ id }) => id) ?? [])
  const leases = caution === 'try' ? keys.takeToTry(nowMs) : keys.take(admitted + spare, nowMs)
  const early = upstream.returns.take(pauses.max)
  let claimed: Submission[] = []
  let parked: Picked[] = []
  let heldBack = 0
  try {
    claimed = await ctx.db.transaction(
      async (tx) => {
        await bringBackEarly(tx, early)
        if (isPauseOver) await endPauses(tx, pauses)
        const { picks, isHeldBack } = seen ?? (await pickOrders(tx, wanted))
        slots.noteHeldBack(isHeldBack)
        const turn = await claimPicks({ ctx, tx, nowMs }, upstream, { picks, leases })
        parked = turn.parked
        heldBack = turn.heldBack
        return turn.submissions
      },
      { mayDelay: true },
    )
    for (const { request, key } of claimed) {
      slots.take(request.accountId)
      keys.posted(key, nowMs)
      upstream.holds.began(key.fingerprint, scopesOf(request))
      upstream.returns.forget(request.id)
    }
    for (const pick of parked) upstream.holds.park(keys.fingerprints, scopesOf(pick))
    // There may be other orders behind these.
    if (parked.length > 0 || heldBack > 0) ctx.wake('submit')
    return claimed
  } catch (error) {
    upstream.returns.add(early)
    throw error
  } finally {
    const used = new Set(claimed.map(({ key }) => key))
    for (const lease of leases) if (!used.has(lease)) keys.giveBack(lease, ctx.clock.now())
  }
}

interface Turn {
  readonly picks: readonly Picked[]
  readonly leases: readonly KeyLease[]
}

interface Chosen {
  readonly pick: Picked
  readonly key: KeyLease
}

/** Claims the picks that may be posted now, and parks those that are held. */
async function claimPicks(
  scope: Scope,
  upstream: Upstream,
  { picks, leases }: Turn,
): Promise<{
  readonly submissions: Submission[]
  readonly parked: Picked[]
  readonly heldBack: number
}> {
  const chosen: Chosen[] = []
  const parked: Picked[] = []
  let heldBack = 0
  const posted: Posted[] = []
  const free = [...leases]
  for (const pick of picks) {
    if (free.length === 0) break
    const standing = await standingOf(scope, upstream, pick)
    if (standing === 'elsewhere') continue
    if (standing !== 'here') {
      await park(scope.tx, pick.id, standing.heldUntil)
      heldBack += 1
      continue
    }
    // Its work may exist: it is posted again only if it turns out that it does not, or has failed.
    if (pick.attemptsMade > 0 && (await isCalled(scope.tx, pick.id))) {
      await park(scope.tx, pick.id, scope.nowMs + calledPauseMs)
      heldBack += 1
      continue
    }
    const onlyKey = await keyInDoubt(scope.tx, upstream, pick)
    const lease = leaseFor(upstream, pick, { free, posted, nowMs: scope.nowMs, onlyKey })
    if ('waitUntil' in lease) {
      if (lease.waitUntil === null) continue
      await park(scope.tx, pick.id, lease.waitUntil)
      parked.push(pick)
      continue
    }
    chosen.push({ pick, key: lease })
    posted.push({ key: lease.fingerprint, order: scopesOf(pick) })
  }
  // Together: where statements are joined, all orders of a turn cost as many as one.
  const claims = await allOf(chosen.map(async (each) => await claim(scope, upstream, each)))
  const submissions = claims.filter((each) => each !== null)
  return { submissions, parked, heldBack: heldBack + claims.length - submissions.length }
}

/**
 * Picks may have been read before this transaction: the order may have taken the route of another upstream. A first
 * frame may have to wait for the upstream of its video.
 */
async function standingOf(
  scope: Scope,
  upstream: Upstream,
  { id }: Picked,
): Promise<'here' | 'elsewhere' | { readonly heldUntil: number }> {
  const { ctx, tx } = scope
  if (ctx.upstreams.size === 1) return 'here'
  const [request] = await requestById(tx, { id })
  if (request?.upstream !== upstream.name) return 'elsewhere'
  const untilMs = await heldUntil(scope, upstream, request)
  return untilMs === null ? 'here' : { heldUntil: untilMs }
}

/** A site knows a repeated order under the key that ordered it alone: with another, it would be paid for twice. */
async function keyInDoubt(
  tx: Tx,
  { adapter }: Upstream,
  { id, attemptsMade }: Picked,
): Promise<string | null> {
  if (adapter.repeatsByKey !== true || attemptsMade === 0) return null
  const [attempt] = await attemptInDoubt(tx, { requestId: id })
  return attempt?.upstreamKey ?? null
}

const onlyOne = (pick: Picked): Picks => ({ picks: [pick], isHeldBack: false })

async function claim(
  { ctx: { catalog, config, clock, instances }, tx }: Scope,
  upstream: Upstream,
  { pick: { id, attemptsMade, startTag }, key }: Chosen,
): Promise<Submission | null> {
  const nowMs = clock.now()
  const leaseEndsAt = nowMs + submitLeaseMs(upstream)
  const [request] = await claimRequest(tx, { id, attemptsMade, startTag, leaseEndsAt })
  if (!request) return null
  const cost = catalog.current.costNow(request.modelId, request.upstream, orderToPost(request))
  const outputs = await orderTasksOfRequest(tx, id, cost)
  const attemptId = newId('att', nowMs)
  const callback = config.callbackOrigin === null ? null : newCallback(config.callbackOrigin, attemptId)
  await insertAttempt(tx, {
    id: attemptId,
    requestId: id,
    number: request.attemptsMade,
    upstreamKey: key.mark,
    callbackTokenHash: callback?.tokenHash ?? null,
    state: 'open',
    detail: null,
    startedAt: nowMs,
    finishedAt: null,
    holder: instances.id,
    cost: cost ?? null,
  })
  const claimedAt = clock.monotonic()
  return { upstream, request, outputs, attemptId, key, callbackUrl: callback?.url ?? null, claimedAt }
}

/** Posts the order once and records what the answer means. The worker never aborts: it waits for posts under way. */
export async function submit(ctx: Context, submission: Submission, signal: AbortSignal): Promise<void> {
  const { upstream, request, outputs, key, callbackUrl } = submission
  const order = { ...orderToPost(request), count: outputs }
  const giveBack = () => {
    upstream.keys.giveBack(key, ctx.clock.now())
    upstream.holds.ended(key.fingerprint, scopesOf(request))
  }
  let outcome: SubmitOutcome | null = null
  try {
    if (await isStillClaimed(ctx, submission)) {
      outcome = await upstream.adapter.submit(order, {
        key: key.key,
        signal,
        callbackUrl,
        orderKey: `${request.id}-${outputs}`,
      })
    } else giveBack()
  } catch (error) {
    giveBack()
    throw error
  } finally {
    // Deferred until the poll loop has counted the slot as free too.
    if (upstream.slots.release(request.accountId)) setImmediate(() => ctx.wake('submit'))
  }
  if (outcome === null) return await queueUnposted(ctx, submission)
  ctx.metrics.submits.inc({ upstream: upstream.name, outcome: outcome.kind })
  await recordOutcome(ctx, submission, outcome)
}
