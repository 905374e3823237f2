// Health endpoints: liveness, readiness and metrics.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { firingByRule } from '../alerts/list.ts'
import { configuredUpstreams } from '../context.ts'
import type { Context, LoopName } from '../context.ts'
import { remembered } from '../db/remembered.ts'
import type { Auditor } from '../ledger/auditor.ts'
import { isDisplaced, storeForNew } from '../media/stores/blob-stores.ts'
import { openTasks, queueDepth } from '../tasks/read/stats.ts'
import type { QueueDepth } from '../tasks/read/stats.ts'
import type { LimitReport } from '../upstream/rate-limits/concurrency-limit.ts'
import { version } from '../version.ts'
import { oldestDueMs, pendingDeliveries } from '../webhooks/deliveries.ts'
import { addTestKeysGauge, testKeysReport } from './test-keys/report.ts'
import type { ReportTestKeys } from './test-keys/report.ts'
import type { MemoryUse } from './bodies/memory.ts'

export interface Readiness {
  readonly sandbox: boolean
  /** Worker loops that are stuck; null if this process runs no worker. */
  readonly stuckLoops: () => readonly LoopName[] | null
  /** Whether the work that a start does after listening is finished. */
  readonly started: () => boolean
  readonly stopping: () => boolean
  readonly memory: MemoryUse
  readonly auditor: Auditor
  readonly testKeys: ReportTestKeys
  /** The store must no longer be read or written: the process is about to end. */
  readonly storeFailed: () => boolean
}

const displacedMaxMs = 500

export function addHealthRoutes(app: FastifyInstance, ctx: Context, readiness: Readiness): void {
  const depth = remembered(ctx.clock, () => queueDepth(ctx.db.read))
  const displaced = remembered(ctx.clock, () => soon(isDisplaced(ctx)))

  app.get('/healthz', async () => ({ status: 'ok', version }))

  app.get('/readyz', async (_request, reply) => {
    const checks = {
      database: await databaseCheck(ctx, depth),
      catalogue: { ok: ctx.catalog.current.models.length > 0, models: ctx.catalog.current.models.length },
      worker: workerCheck(readiness),
    }
    const ready = Object.values(checks).every(({ ok }) => ok) && !readiness.stopping()
    const status = ready ? 200 : 503
    return await reply.code(status).send({
      status: readiness.stopping() ? 'stopping' : ready ? 'ready' : 'not ready',
      version,
      sandbox: readiness.sandbox,
      checks,
      start: startReport(readiness),
      ledger: { ok: readiness.auditor.last()?.ok ?? null },
      clock: clockReport(ctx),
      instances: ctx.instances.standing(),
      upstreams: upstreamReport(ctx),
      media: await mediaReport(ctx, displaced),
      test_keys: testKeysReport(readiness.testKeys),
    })
  })

  app.get('/metrics', async (_request, reply) => {
    const { registry } = ctx.metrics
    return await reply.type(registry.contentType).send(await ctx.metrics.text())
  })
  addGauges(ctx, depth)
  addLedgerGauges(ctx, readiness.auditor)
  addTestKeysGauge(ctx.metrics, readiness.testKeys)
}

async function databaseCheck(
  ctx: Context,
  depth: () => Promise<QueueDepth>,
): Promise<{ ok: boolean; detail?: string }> {
  try {
    if (!ctx.db.inPlace()) return { ok: false, detail: 'the store was moved away, and the gateway ends' }
    await depth()
    return { ok: true }
  } catch (error) {
    ctx.log.error({ err: error }, 'the store does not answer')
    return { ok: false, detail: 'the store does not answer' }
  }
}

function workerCheck(readiness: Readiness): { ok: boolean; late?: readonly string[] } {
  const late = readiness.stuckLoops()
  if (!late) return { ok: false }
  return late.length === 0 ? { ok: true } : { ok: false, late }
}

/** Reported, not required: meanwhile orders and queries are served; running tasks are polled afterwards. */
function startReport({ started }: Readiness): { done: boolean; detail?: string } {
  if (started()) return { done: true }
  return {
    done: false,
    detail:
      'The tasks that run are being gone through; they are polled when that is done. All else is served.',
  }
}

/** Reported, not required: after a clock jump everything continues, but nothing expires by age. */
function clockReport({ time }: Context): { ok: boolean; ahead_seconds?: number; detail?: string } {
  const { ok, aheadMs, holdMs } = time.report()
  if (ok && holdMs === 0) return { ok }
  const detail = ok
    ? 'The clock was set forward, or nobody knows for how long the gateway was down: what was waiting then still gets its time.'
    : 'The clock has jumped and is not believed: nothing is deleted, forgotten, given up or refunded for its age.'
  return { ok, ...(!ok && { ahead_seconds: Math.round(aheadMs / 1000) }), detail }
}

/**
 * Reported, not required: an upstream that is down makes tasks wait, but the gateway works. This page needs
 * no key, so key fingerprints and the upstream's messages are only in the operator's stats. A failure of a
 * single order changes no state; it shows as the last error only.
 */
function upstreamReport(ctx: Context) {
  const nowMs = ctx.clock.now()
  const reports = configuredUpstreams(ctx.upstreams).map(({ name, keys, recognition }) => {
    const isEstranged = recognition.isEstranged()
    const shown = keys.report(nowMs).map(({ state, calls: { lastSuccessAt, lastError } }) => ({
      state: isEstranged && state === 'ready' ? 'estranged' : state,
      last_success_at_ms: lastSuccessAt,
      last_error: lastError && { at_ms: lastError.atMs, words: lastError.words },
    }))
    return [name, shown] as const
  })
  return Object.fromEntries(reports)
}

/**
 * Reported, not required: results that cannot be kept are passed on. The words are ours and contain no path
 * and no host. `ok` is null before the first probe, and if results are not kept.
 */
async function mediaReport(ctx: Context, displaced: () => Promise<boolean>) {
  const store = storeForNew(ctx)
  if (!store) return { store: 'none', ok: null, last_success_at_ms: null, last_error: null }
  // In a displaced folder the probe fails at once, and the circuit opens.
  if (ctx.resultStore.state() === 'works' && (await displaced())) await ctx.resultStore.recheck()
  const { state, lastSuccessAtMs, lastError } = ctx.resultStore.report()
  const isUnknown = lastSuccessAtMs === null && lastError === null
  return {
    store,
    ok: isUnknown ? null : state === 'works',
    last_success_at_ms: lastSuccessAtMs,
    last_error: lastError && { at_ms: lastError.atMs, words: lastError.words },
    ...(state !== 'works' && {
      detail:
        'Results are passed on with the URLs of the upstream, and kept once the store works again. No credits are touched.',
    }),
  }
}

/** Does not wait for a volume that does not answer: the probe reports that. */
async function soon(look: Promise<boolean>): Promise<boolean> {
  const ended = new AbortController()
  const silence = sleep(displacedMaxMs, false, { signal: ended.signal }).catch(() => false)
  try {
    return await Promise.race([look, silence])
  } finally {
    ended.abort()
  }
}

/** Before the first audit all values are 0, including its timestamp. */
function addLedgerGauges({ metrics }: Context, auditor: Auditor): void {
  metrics.gauge(
    'ledger_drift',
    'Broken promises that the last audit of the ledger found; 0.',
    async (gauge) => {
      gauge.set(auditor.last()?.drift.length ?? 0)
    },
  )
  metrics.gauge(
    'ledger_verified_timestamp_seconds',
    'When the ledger was last audited, in Unix time.',
    async (gauge) => {
      gauge.set((auditor.last()?.atMs ?? 0) / 1000)
    },
  )
  metrics.gauge(
    'ledger_verify_duration_seconds',
    'How long the last audit of the ledger took.',
    async (gauge) => {
      gauge.set((auditor.last()?.tookMs ?? 0) / 1000)
    },
  )
}

function addGauges(ctx: Context, depth: () => Promise<QueueDepth>): void {
  const { metrics, db } = ctx
  const open = remembered(ctx.clock, () => openTasks(db.read))
  const pending = remembered(ctx.clock, () => pendingDeliveries(db.read))
  const oldestDue = remembered(ctx.clock, () => oldestDueMs(db.read, ctx.clock.now()))
  metrics.gauge('queue_depth', 'Requests that no upstream has taken yet.', async (gauge) => {
    gauge.set((await depth()).waiting)
  })
  metrics.gauge('queue_oldest_seconds', 'How long the oldest of them has waited.', async (gauge) => {
    const { oldestSince } = await depth()
    gauge.set(oldestSince === null ? 0 : (ctx.clock.now() - oldestSince) / 1000)
  })
  metrics.gauge('tasks_open', 'Tasks that have not ended.', async (gauge) => {
    gauge.set(await open())
  })
  metrics.gauge('webhooks_pending', 'Deliveries that wait for their next try.', async (gauge) => {
    gauge.set(await pending())
  })
  metrics.gauge(
    'webhooks_oldest_seconds',
    'How long the delivery that has been due longest waits to be sent.',
    async (gauge) => {
      gauge.set((await oldestDue()) / 1000)
    },
  )
  metrics.labelledGauge('alerts_firing', 'Alerts that are not over.', {
    label: 'rule',
    read: remembered(ctx.clock, () => firingByRule(ctx)),
  })
  metrics.gauge('database_bytes', 'The size of the store on disk.', async (gauge) => {
    gauge.set(db.sizeBytes() ?? 0)
  })
  metrics.gauge(
    'media_store_works',
    'Whether results can be kept: 0 while they are passed on because their store does not work.',
    async (gauge) => {
      gauge.set(ctx.resultStore.state() === 'works' ? 1 : 0)
    },
  )
  metrics.labelledGauge(
    'upstream_estranged',
    'Whether something else than the upstream answers polls at its address; while it is 1 new orders wait.',
    {
      label: 'upstream',
      read: async () =>
        Object.fromEntries(
          configuredUpstreams(ctx.upstreams).map(({ name, recognition }) => [
            name,
            recognition.isEstranged() ? 1 : 0,
          ]),
        ),
    },
  )
  metrics.gauge(
    'upstream_keys_ready',
    'Upstream keys that work: not paused, rejected, suspected or unreachable.',
    async (gauge) => {
      const reports = configuredUpstreams(ctx.upstreams).flatMap(({ keys }) => keys.report(ctx.clock.now()))
      gauge.set(reports.filter(({ state }) => state === 'ready').length)
    },
  )
  addLimitGauges(ctx)
}

/** Sums over the keys of an upstream: no label names a key. */
function addLimitGauges({ metrics, upstreams, clock }: Context): void {
  const perUpstream = (read: (submits: LimitReport) => number) => async () => {
    const sums = configuredUpstreams(upstreams).map(({ name, keys }) => {
      const reports = keys.report(clock.now())
      return [name, reports.reduce((all, { submits }) => all + read(submits), 0)] as const
    })
    return Object.fromEntries(sums)
  }
  const gauge = (name: string, help: string, read: (submits: LimitReport) => number) =>
    metrics.labelledGauge(`upstream_submit_${name}`, help, { label: 'upstream', read: perUpstream(read) })
  gauge('limit', 'Submits that may be in flight at once.', ({ limit }) => limit)
  gauge('ceiling', 'Above this the upstream answered 429; 0: it never did.', ({ ceiling }) => ceiling ?? 0)
  gauge('in_flight', 'Submits in flight.', ({ inFlight }) => inFlight)
  metrics.labelledGauge(
    'upstream_submit_limit_moved_timestamp_seconds',
    'When the limit of any upstream last moved for this reason, in Unix time.',
    {
      label: 'reason',
      read: async () => {
        const all = configuredUpstreams(upstreams).flatMap(({ keys }) => keys.report(clock.now()))
        const moves = all.flatMap(({ submits: { moved } }) => moved ?? [])
        const ordered = moves.toSorted((one, other) => one.atMs - other.atMs)
        return Object.fromEntries(ordered.map(({ atMs, reason }) => [reason, atMs / 1_000]))
      },
    },
  )
}
