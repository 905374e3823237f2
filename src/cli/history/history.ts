// Fills an empty store with days of plausible work: by the gateway's own verbs, with a sandbox as upstream, on a clock of its own.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandbox } from '../../../sandbox/sandbox.ts'
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import { writeUses } from '../../accounts/key-uses.ts'
import { closeContext, createContext } from '../../app/context.ts'
import { embeddedStoreIn } from '../../config/config.ts'
import type { Config } from '../../config/config.ts'
import type { Context, Upstream } from '../../context.ts'
import { storeAt } from '../../db/store-at.ts'
import { noteTerms } from '../../ledger/reports/terms.ts'
import type { Logger } from '../../log.ts'
import { tasksByState } from '../../tasks/read/alarming.ts'
import { admitSealingKey } from '../../webhooks/signing/probe.ts'
import { sandboxed, sandboxKey } from '../with-sandbox.ts'
import { createAgenda } from './agenda.ts'
import { cast } from './drawn/cast.ts'
import { chanceOf } from './drawn/chance.ts'
import { historyClock } from './clock.ts'
import type { HistoryClock } from './clock.ts'
import { createEngine } from './engine.ts'
import { guardWith } from './outside.ts'
import { createDeliveries, plan, planned, timeOfNewest } from './play.ts'
import type { Stage } from './play.ts'
import { dayMs } from './drawn/rhythm.ts'
import type { Span } from './drawn/rhythm.ts'
import { createCloseWatch } from './watch.ts'

const seedUsual = 20_261_201
/** Its callbacks are told by the history itself. */
const callbackOrigin = 'http://127.0.0.1:1'
/** Keevx documents seconds; a history need not ask so often. */
const pollEveryMs = 60_000
/** The sandbox draws each result that is kept, which takes a while: those of so many of the newest orders are. */
const keptUsual = 40
/** Where they are as good as on a disk, and nobody waits for one. What is not finished is worth nothing. */
const memory = '/dev/shm'

export interface HistoryOptions {
  readonly config: Config
  readonly log: Logger
  readonly days: number
  readonly endMs: number
  readonly seed?: number
  /** Of how many of the newest orders the results are kept. */
  readonly keptOrders?: number
  readonly onDay?: (day: number) => void
}

export interface History {
  readonly days: number
  readonly accounts: number
  readonly tasks: number
}

/**
 * Makes the store of the configuration, which is not there yet. The caller owns it. It is made elsewhere and copied when
 * the history is whole, so half of one is never served. Nothing of what was ordered is open then.
 */
export async function makeHistory(options: HistoryOptions): Promise<History> {
  const { config } = options
  const scratch = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'tollgate-history-'))
  const databaseUrl = embeddedStoreIn(scratch)
  try {
    const history = await playHistory({ ...options, config: { ...config, databaseUrl } })
    await storeAt(databaseUrl).backUp(storeAt(config.databaseUrl).name)
    return history
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function playHistory(options: HistoryOptions): Promise<History> {
  const { config, log, days, endMs, seed = seedUsual, keptOrders = keptUsual } = options
  const span: Span = { startMs: endMs - days * dayMs, endMs }
  const clock = historyClock(span.startMs)
  const sandbox = await startSandbox({ apiKey: sandboxKey, clock, callbacks: false })
  sandbox.freeze('all')
  const ctx = await createContext({ config: configOf(config, sandbox), log, clock })
  try {
    await noteTerms(ctx.db, { reporting: config.reporting, nowMs: span.startMs })
    await admitSealingKey(ctx)
    await ctx.mediaRoot.enter()
    const stage = stageOf(ctx, { sandbox, span, seed, keptOrders })
    await play(stage, clock, options)
    // In the database that they were noted for.
    await writeUses(stage.ctx.db)
    const tasks = Object.values(await tasksByState(ctx.db.read)).reduce((sum, each) => sum + each, 0)
    return { days, accounts: stage.customers.size, tasks }
  } finally {
    await closeContext(ctx)
    await sandbox.close()
  }
}

function configOf(config: Config, { baseUrl }: Sandbox): Config {
  const { upstreams, ...rest } = sandboxed(config, baseUrl)
  const slower = Object.entries(upstreams).map(
    ([name, upstream]) =>
      [
        name,
        {
          ...upstream,
          image: { ...upstream.image, pollEveryMs },
          video: { ...upstream.video, pollEveryMs },
        },
      ] as const,
  )
  return { ...rest, upstreams: Object.fromEntries(slower), callbackOrigin }
}

interface Setting {
  readonly sandbox: Sandbox
  readonly span: Span
  readonly seed: number
  readonly keptOrders: number
}

function stageOf(base: Context, { sandbox, span, seed, keptOrders }: Setting): Stage {
  const chance = chanceOf(seed)
  const named = base.upstreams.get('keevx')
  if (!named) throw new Error('there is always an upstream named keevx')
  const customers = planned(chance, span)
  const keepsFromMs = timeOfNewest(customers, keptOrders)
  // Older results were at the upstream, which has removed them since.
  const resultsLastMs = Math.floor((span.endMs - keepsFromMs) / 2)
  const upstream: Upstream = { ...named, adapter: { ...named.adapter, resultsLastMs } }
  const ctx: Context = {
    ...base,
    // Only the newest results are kept: a gateway whose results are kept has a public address.
    get config() {
      return base.clock.now() < keepsFromMs ? { ...base.config, publicUrl: null } : base.config
    },
    // Nobody else writes whom it would be worth to wait for.
    db: { ...base.db, transaction: async (work) => await base.db.transaction(work) },
    upstreams: new Map([...base.upstreams, ['keevx', upstream] as const]),
    guard: guardWith(base.guard, cast, chanceOf(seed + 1)),
    wake: () => undefined,
  }
  const agenda = createAgenda()
  const engine = createEngine(ctx, upstream)
  const world = { ctx, sandbox, engine, agenda, chance, span }
  const watchClosely = createCloseWatch(ctx, agenda)
  const deliverSoon = createDeliveries(ctx, world)
  return { ...world, watchClosely, deliverSoon, planned: customers, customers: new Map(), codes: [] }
}

async function play(stage: Stage, clock: HistoryClock, { onDay }: HistoryOptions): Promise<void> {
  const { agenda, span } = stage
  plan(stage)
  let day = 0
  for (let next = agenda.next(span.endMs); next; next = agenda.next(span.endMs)) {
    clock.goTo(next.atMs)
    await next.happens()
    const today = Math.floor((next.atMs - span.startMs) / dayMs)
    if (today === day) continue
    day = today
    onDay?.(day)
  }
  clock.goTo(span.endMs)
}
