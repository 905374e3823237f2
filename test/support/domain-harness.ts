// A gateway's inside without HTTP and without loops: a real store, and an upstream that answers as a test says.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createAccount } from '../../src/accounts/accounts.ts'
import type { Caller } from '../../src/accounts/callers.ts'
import { noLimits } from '../../src/accounts/limits.ts'
import { closeContext, createContext } from '../../src/app/context.ts'
import type { Clock } from '../../src/clock.ts'
import { loadConfig } from '../../src/config/config.ts'
import { withAllModels } from './all-models.ts'
import type { Context, Upstream } from '../../src/context.ts'
import { newId } from '../../src/ids.ts'
import { grant, noNotes } from '../../src/ledger/grant.ts'
import { createLog } from '../../src/log.ts'
import { createTasks } from '../../src/tasks/create/create.ts'
import type { CreateResult } from '../../src/tasks/create/create.ts'
import type { Created } from '../../src/tasks/create/created.ts'
import { tasksOfRequest } from '../../src/tasks/store.ts'
import type { TaskRow } from '../../src/tasks/store.ts'
import type { Adapter, Observation, SubmitOutcome } from '../../src/upstream/adapter.ts'
import { shortLimitsYaml } from './gateway.ts'
import { manualClock } from './clock.ts'
import type { ManualClock } from './clock.ts'
import type { TestStore } from './stores/dialect.ts'
import { openTestStore, placeFreshStore, storeEnvironment } from './test-store.ts'

export interface DomainHarnessOptions {
  readonly yaml?: string
  readonly upstreamKeys?: string
  /** The harness whose store is opened again, as by the next process: with its folder and its clock. */
  readonly after?: DomainHarness
  /** A store that exists, instead of a new one in the folder. */
  readonly store?: TestStore
  readonly clock?: ManualClock
  /** Where it could be reached from outside; without it no callbacks are asked for. */
  readonly publicUrl?: string
}

export interface DomainHarness {
  readonly ctx: Context
  readonly keevx: Upstream
  readonly clock: ManualClock
  readonly folder: string
  /** Its store from outside: what is stored, and a way to damage it. */
  readonly store: TestStore
  /** What the upstream says to the next submit, or to every one. */
  submitted: (order: unknown, key: string) => SubmitOutcome | Promise<SubmitOutcome>
  seen: (upstreamTaskId: string) => Observation | Promise<Observation>
  /** Orders that were posted. */
  readonly posted: unknown[]
  /** The callback URL that each of them bore. */
  readonly callbackUrls: (string | null)[]
  /** Upstream task ids, as often as they were looked at. */
  readonly looked: string[]
  account(credits: number): Promise<Caller>
  balance(caller: Caller): Promise<number>
  order(caller: Caller, count?: number, type?: 'image' | 'video'): Promise<Created>
  tasks(created: Created): Promise<TaskRow[]>
}

/** Closed when the test ends; its folder is removed with it. */
export async function openDomainHarness(options: DomainHarnessOptions = {}): Promise<DomainHarness> {
  const folder = options.after?.folder ?? mkdtempSync(join(tmpdir(), 'tollgate-workshop-'))
  writeFileSync(join(folder, 'tollgate.yaml'), withAllModels(options.yaml ?? shortLimitsYaml))
  const env = { KEEVX_API_KEY: options.upstreamKeys ?? 'upstream-key', PUBLIC_URL: options.publicUrl ?? '' }
  const existing = options.store ?? options.after?.store
  const config = loadConfig({ cwd: folder, env: { ...env, ...storeEnvironment(existing) } })
  const store = existing ?? openTestStore(config.databaseUrl)
  await placeFreshStore(config.databaseUrl)
  const clock = options.clock ?? options.after?.clock ?? manualClock()
  const inside = await createContext({ config, clock, log: createLog('silent') })
  const harness: Partial<DomainHarness> &
    Pick<DomainHarness, 'submitted' | 'seen' | 'posted' | 'callbackUrls' | 'looked'> = {
    posted: [],
    callbackUrls: [],
    looked: [],
    submitted: () => ({ kind: 'accepted', taskIds: [newId('task', 0)] }),
    seen: () => ({ kind: 'running' }),
  }
  const adapter: Adapter = {
    ...adapterOf(inside),
    async submit(order, { callbackUrl, key }) {
      harness.posted.push(order)
      harness.callbackUrls.push(callbackUrl)
      return await harness.submitted(order, key)
    },
    async fetch({ upstreamTaskId }) {
      harness.looked.push(upstreamTaskId)
      return await harness.seen(upstreamTaskId)
    },
  }
  const upstreams = new Map([...inside.upstreams].map(([name, upstream]) => [name, { ...upstream, adapter }]))
  const ctx = { ...inside, upstreams }
  const keevx = upstreams.get('keevx')
  if (!keevx) throw new Error('there is always an upstream named keevx')
  onTestFinished(async () => {
    await store.close()
    await closeContext(inside)
    if (options.after === undefined) rmSync(folder, { recursive: true, force: true })
  })
  return Object.assign(harness, { ctx, keevx, clock, folder, store, ...verbs(ctx, clock) })
}

/** A create as HTTP hands it over. */
export const create = async (
  ctx: Context,
  caller: Caller,
  body: unknown,
  idempotencyKey: string | null = null,
): Promise<CreateResult> =>
  await createTasks(ctx, { caller, body, requestId: newId('req', ctx.clock.now()), idempotencyKey })

function adapterOf(ctx: Context): Adapter {
  const adapter = ctx.upstreams.get('keevx')?.adapter
  if (!adapter) throw new Error('there is always an upstream named keevx')
  return adapter
}

function verbs(ctx: Context, clock: Clock) {
  return {
    account: async (credits: number): Promise<Caller> =>
      await ctx.db.transaction(async (tx) => {
        const nowMs = clock.now()
        const { id: accountId } = await createAccount(tx, { name: 'customer', nowMs })
        const given = { accountId, amount: credits, notes: noNotes, idempotencyKey: null, nowMs }
        if (credits > 0) await grant(tx, given)
        const unlimited = {
          expiresAt: null,
          keyCreatedAt: 0,
          rights: 0,
          ...noLimits,
          plan: null,
          ofKey: null,
        }
        return { accountId, keyId: newId('key', nowMs), status: 'active', ...unlimited }
      }),
    balance: async ({ accountId }: Caller): Promise<number> => {
      const accounts = await ctx.db.read.select().from(ctx.db.read.tables.accounts)
      return accounts.find(({ id }) => id === accountId)?.balance ?? Number.NaN
    },
    order: async (caller: Caller, count = 1, type: 'image' | 'video' = 'image'): Promise<Created> => {
      const model = type === 'image' ? 'gpt-image-2' : 'seedance-2'
      const body = { model_id: model, prompt: 'a heron', generate_count: count }
      return (await create(ctx, caller, body)).created
    },
    tasks: async ({ requestId }: Created): Promise<TaskRow[]> =>
      await tasksOfRequest(ctx.db.read, { requestId }),
  }
}
