// The composition root: joins all parts, starts them, and stops them in order.
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Context } from '../context.ts'
import type { Serving } from '../db/dialect.ts'
import { StoreRefused } from '../db/errors.ts'
import { storeAt } from '../db/store-at.ts'
import { auditInThread } from '../ledger/audit.ts'
import { createAuditor } from '../ledger/auditor.ts'
import { noteTerms } from '../ledger/reports/terms.ts'
import { emptyIncoming } from '../media/spool.ts'
import type { MemoryUse } from '../http/bodies/memory.ts'
import { lateness, longestLimitMs } from '../tasks/rescue/rescue.ts'
import { neverLate } from '../ledger/verify.ts'
import { matchLists } from '../privacy/list.ts'
import { releaseLeases } from '../tasks/rescue/release-leases.ts'
import { unwrittenAnswers } from '../tasks/submit/persist.ts'
import { giveUpUnreachable } from '../tasks/unreachable/give-up.ts'
import { requireReach, wordsFor } from '../tasks/unreachable/refuse.ts'
import { recallTime } from '../time/time.ts'
import type { ServerBounds } from '../http/connections/front.ts'
import { alone } from '../instances/instances.ts'
import { closeContext, createContext } from './context.ts'
import type { ContextOptions } from './context.ts'
import { createTestKeys } from './test-keys/gateway.ts'
import type { StartTestUpstream, TestKeys } from './test-keys/gateway.ts'
import { admitSealingKey } from '../webhooks/signing/probe.ts'
import { startBackground } from '../worker/background.ts'
import { startPresence } from '../worker/presence.ts'
import type { Presence } from '../worker/presence.ts'
import { takePlace } from './place.ts'
import type { PlaceOptions } from './place.ts'
import { createWakeups, startWorker } from '../worker/worker.ts'
import type { Worker } from '../worker/worker.ts'

/** The connection ends with the process anyway; a server that is away is not waited for. */
const releaseMaxMs = 300
const closeIdleEveryMs = 50
/** An answer takes milliseconds; clients that are still sending after this can resend to the next process. */
const closeSlowAfterMs = 5_000
/** Load balancers look every few seconds. */
const drainMsDefault = 5_000
/** Enough to answer waiting requests; anything slower could not be stored anyway. */
const abandonAfterMs = 500

export interface AppOptions extends Omit<ContextOptions, 'catalog' | 'instances'>, PlaceOptions {
  /** Whether the upstream is the sandbox; shown in the banner, in `/readyz` and in every answer. */
  readonly sandbox?: boolean
  /** Whether to start although tasks name an upstream or a key that is not configured. */
  readonly orphan?: boolean
  /** Whether the sealing key may be another one than that of the store, because that is lost. */
  readonly newSealingKey?: boolean
  /** Starts the sandbox behind test keys. Left out: there are none, as if they were off. */
  readonly startTestUpstream?: StartTestUpstream
  /** The process's memory limit and use; those of its own cgroup by default. */
  readonly memory?: MemoryUse
  /** How long requests are still answered after a stop began, where other instances go on. */
  readonly drainMs?: number
  /** Overrides of the production limits of connections and load, for tests. */
  readonly bounds?: ServerBounds
}

export interface App {
  readonly ctx: Context
  readonly server: FastifyInstance
  /** The URL it listens on: `http://127.0.0.1:8787`. */
  readonly url: string
  /** Whether this start created the store. */
  readonly isNewStore: boolean
  /**
   * Takes no new requests, finishes and stores the work in progress, and releases the store. Throws StoreRefused,
   * once it has stopped, if answers of upstreams could not be written down.
   */
  stop(): Promise<void>
  /** For a failed store: answers waiting requests with an error, accepts no others and starts no new work. */
  abandon(): Promise<void>
}

/** Opens the store, starts the worker and listens. Throws ConfigError and StoreRefused, for the operator. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, sandbox = false } = options
  const place = await takePlace(options, storeAt(config.databaseUrl))
  const { port, isNewStore, serving, clock } = place
  const wakeups = createWakeups()
  let ctx: Context | null = null
  let worker: Worker | null = null
  let ending: Promise<void> | null = null
  let storeFailed = false
  try {
    const instances = place.presence?.instances ?? alone
    ctx = await createContext({ ...options, clock, instances }, wakeups)
    // Loaded lazily: most commands need only a context, and loading the server takes longer than they run.
    const { buildServer } = await import('../http/server.ts')
    const { memoryOfProcess } = await import('../http/bodies/memory.ts')
    const auditor = auditorOf(ctx)
    const testKeys = testKeysOf(options, ctx)
    const readiness = {
      sandbox,
      auditor,
      testKeys: () => testKeys?.report() ?? null,
      stuckLoops: () => worker?.stuckLoops() ?? null,
      started: () => worker?.isStarted() ?? false,
      stopping: () => ending !== null,
      memory: options.memory ?? memoryOfProcess,
      storeFailed: () => storeFailed,
    }
    const server = await buildServer(ctx, readiness, { ...options.bounds, ...testKeys?.ofServer })
    await recallTime(ctx.time, ctx.db)
    if (options.orphan) await leaveBehind(ctx)
    else await requireReach(ctx.db.read, config)
    await eraseWhatCameBack(ctx)
    await noteTerms(ctx.db, { reporting: config.reporting, nowMs: ctx.clock.now() })
    await admitSealingKey(ctx, { isNewKey: options.newSealingKey ?? false })
    // Before requests are served: if this fails, the failed start must not have looked alive.
    await ctx.mediaRoot.enter().catch(() => undefined)
    await clearIncoming(ctx)
    const presence = place.presence && (await startPresence(ctx, place.presence))
    if (!presence) await releaseLeases(ctx)
    const url = await port.handOver(server)
    worker = startWorker(ctx, wakeups)
    const background = startBackground(ctx, auditor)
    const running = worker
    testKeys?.begin(url)
    const parts = { ctx, server, serving, presence, testKeys, running: [running, background] }
    const end = async () => await endAll(parts, options.drainMs ?? drainMsDefault)
    return {
      ctx,
      server,
      url,
      isNewStore,
      stop: () => (ending ??= end()),
      async abandon() {
        storeFailed = true
        // Cannot stop cleanly, because results cannot be stored; but the worker claims no more work.
        running.stop().catch(() => undefined)
        await closeServer(server, abandonAfterMs)
      },
    }
  } catch (error) {
    if (ctx) await closeContext(ctx)
    await serving.release()
    port.release()
    throw error
  }
}

/** Throws StoreRefused, for the operator. */
function requireWritten(lost: number): void {
  if (lost === 0) return
  const orders = lost === 1 ? 'one order' : `${lost} orders`
  throw new StoreRefused(
    `Stopped, but the database was away, and what upstreams answered to ${orders} could not be written down; the log has it. ` +
      'The next start treats those orders like those of a process that was killed: they wait for callbacks, and are ' +
      'given back if none comes. Nothing that customers were told is lost.',
  )
}

function testKeysOf({ startTestUpstream }: AppOptions, ctx: Context): TestKeys | null {
  const { testKeys } = ctx.config
  return testKeys && startTestUpstream ? createTestKeys(ctx, { ...testKeys, startTestUpstream }) : null
}

function auditorOf(ctx: Context) {
  const { config, time } = ctx
  return createAuditor(ctx, {
    run: (nowMs, late, signals) => {
      // While the clock is not trusted, tasks past their limit are not ended, so they do not count as late.
      const isBelieved = time.mayEnd(longestLimitMs(config))
      const { databaseUrl } = config
      return auditInThread({ databaseUrl, nowMs, late: isBelieved ? late : neverLate }, signals)
    },
    late: lateness(config),
  })
}

async function leaveBehind(ctx: Context): Promise<void> {
  for (const found of await giveUpUnreachable(ctx)) ctx.log.warn({ ...found }, wordsFor(found))
}

/** The store may be an older copy, which other tools have put back. */
async function eraseWhatCameBack(ctx: Context): Promise<void> {
  const accounts = await matchLists(ctx)
  if (accounts.length > 0) ctx.log.warn({ accounts }, 'accounts that had been erased were in the store again')
}

interface Parts {
  readonly ctx: Context
  readonly server: FastifyInstance
  readonly serving: Serving
  readonly presence: Presence | null
  readonly testKeys: TestKeys | null
  readonly running: readonly { stop(): Promise<void> }[]
}

async function endAll(parts: Parts, drainMs: number): Promise<void> {
  const { ctx, server, serving, presence, testKeys, running } = parts
  const unwritten = unwrittenAnswers(ctx)
  ctx.db.hurry()
  const closed = drain(ctx, drainMs).then(async () => await closeServer(server, closeSlowAfterMs))
  await Promise.all([closed, testKeys?.stop(closed), ...running.map((part) => part.stop())])
  await presence?.stop()
  await closeContext(ctx)
  await clearIncoming(ctx)
  await Promise.race([serving.release(), pause(releaseMaxMs, undefined, { ref: false })])
  requireWritten(unwrittenAnswers(ctx) - unwritten)
}

/** Where instances share the folder, what lies there may be another's; it is removed when it is an hour old. */
async function clearIncoming(ctx: Context): Promise<void> {
  const { media } = ctx.config
  if (media.store !== 'disk' || !media.isShared) await emptyIncoming(ctx)
}

/**
 * Where other instances go on, a load balancer sends requests here until it has seen that this one is not ready any
 * more; they are answered until then.
 */
async function drain({ instances, clock }: Context, ms: number): Promise<void> {
  if (instances.standing().count > 1) await clock.sleep(ms)
}

/** Takes no new connections, answers requests already received, and does not wait for idle connections. */
async function closeServer(server: FastifyInstance, slowAfterMs: number): Promise<void> {
  // `close` ends connections that are idle at that moment; this also ends those that become idle later.
  const idle = setInterval(() => server.server.closeIdleConnections(), closeIdleEveryMs)
  const slow = setTimeout(() => server.server.closeAllConnections(), slowAfterMs)
  await server.close()
  clearInterval(idle)
  clearTimeout(slow)
}
