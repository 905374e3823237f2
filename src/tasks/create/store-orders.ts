// Stores new orders: key, request, tasks and charges of each, all that come together in one transaction.
import type { PricedOrder } from '../../catalog/catalog.ts'
import { allOf } from '../../db/batched.ts'
import type { Tx } from '../../db/database.ts'
import type { Gathering, Outcome } from '../../db/gather.ts'
import { tellIfLow } from '../../credits/low-balance.ts'
import { newId } from '../../ids.ts'
import { openCaps } from '../../ledger/caps/caps.ts'
import type { Cap, CapDays, Caps } from '../../ledger/caps/caps.ts'
import { openCharges } from '../../ledger/charge.ts'
import type { Charges } from '../../ledger/charge.ts'
import { firstStepsOf } from '../first-frame/steps.ts'
import { insertRequest, insertTask } from '../store.ts'
import type { RequestRow } from '../store.ts'
import type { Created } from './created.ts'
import { creditsOfOutputs, storeFirstFrame } from './first-frame.ts'
import { mismatch, orderOfKey, takeKey } from './idempotency.ts'
import type { Earlier, KeyUse } from './idempotency.ts'
import { parkOrder } from './parked.ts'
import type { Parking } from './parked.ts'

export interface NewOrder {
  readonly requestId: string
  readonly callbackForm: RequestRow['callbackForm']
  readonly accountId: string
  readonly keyId: string
  /** Of its account, by which it was priced; null: none. */
  readonly plan: string | null
  readonly priced: PricedOrder
  /** For accounts without a limit of their own; null: no limit. */
  readonly tasksInFlightMax: number | null
  /** Of its key and its account; mostly none. */
  readonly caps: readonly Cap[]
  /** The day by which caps a day count it. */
  readonly day: number
  readonly createdAt: number
  readonly parking: Parking | null
  /** Null: it has no Idempotency-Key. */
  readonly use: KeyUse | null
  /** For accounts without a threshold of their own; null: none. */
  readonly lowBalance: number | null
}

export interface CreateResult {
  readonly created: Created
  /** An earlier request with the same key made the order; this one ordered and charged nothing. */
  readonly replayed: boolean
  /** Its charge took the last credits of the account. */
  readonly leavesNothing?: true
}

export const storing: Gathering<NewOrder, CreateResult> = { name: 'orders', run: storeOrders }

/** An order that is let in. */
interface Admitted {
  readonly order: NewOrder
  readonly tasks: readonly { readonly id: string; readonly credits: number }[]
  readonly capDays: CapDays
}

/**
 * In the order of their arrival, each is the repetition of an earlier one, or refused, or let in; those that are let in
 * are then written together. Whoever is refused has written nothing.
 */
async function storeOrders(tx: Tx, orders: readonly NewOrder[]): Promise<Outcome<CreateResult>[]> {
  const twins = await allOf(orders.map(async ({ use }) => use && (await orderOfKey(tx, use))))
  const charges = await openCharges(
    tx,
    orders.map(({ accountId }) => accountId),
  )
  const caps = await openCaps(tx, orders)
  const admitted: Admitted[] = []
  const madeHere = new Map<string, Earlier>()
  const outcomes = orders.map((order, at): Outcome<CreateResult> => {
    const { use } = order
    const twin = twins[at] ?? (use && madeHere.get(nameOf(use)))
    if (twin && use) return replayed(twin, use)
    const tasks = tasksOf(order)
    const wanted = { ...order, total: order.priced.creditsTotal, count: tasks.length }
    const refused = caps.refusal(wanted) ?? charges.decide({ ...order, tasks, nowMs: order.createdAt })
    if (refused) return { refused }
    admitted.push({ order, tasks, capDays: caps.take(wanted) })
    const created = createdBy(order, tasks)
    if (use) madeHere.set(nameOf(use), { ...created, bodyHash: use.bodyHash })
    return { done: { created, replayed: false } }
  })
  await write(tx, admitted, { charges, caps })
  const spent = await tellLow(tx, admitted, charges)
  return spent.size === 0 ? outcomes : outcomes.map((outcome, at) => withSpent(outcome, orders[at], spent))
}

function withSpent(
  outcome: Outcome<CreateResult>,
  order: NewOrder | undefined,
  spent: ReadonlySet<string>,
): Outcome<CreateResult> {
  if (!('done' in outcome) || !order || !spent.has(order.accountId)) return outcome
  return { done: { ...outcome.done, leavesNothing: true } }
}

const nameOf = ({ accountId, key }: KeyUse): string => `${accountId} ${key}`

function tasksOf({ priced, createdAt }: NewOrder): Admitted['tasks'] {
  const { order, creditsEach, firstFrame } = priced
  const prices = creditsOfOutputs(order.count, creditsEach, firstFrame?.credits ?? 0)
  return prices.map((credits) => ({ id: newId('task', createdAt), credits }))
}

function createdBy({ requestId, priced }: NewOrder, tasks: Admitted['tasks']): Created {
  const { firstFrame, modelId } = priced
  return {
    requestId,
    taskIds: tasks.map(({ id }) => id),
    credits: priced.creditsTotal,
    steps: firstFrame && firstStepsOf(firstFrame.modelId, modelId),
  }
}

function replayed(twin: Earlier, use: KeyUse): Outcome<CreateResult> {
  try {
    return { done: replay(twin, use) }
  } catch (refused) {
    return { refused }
  }
}

/** Throws if the key was used with another body. */
export function replay({ bodyHash, ...created }: Earlier, use: KeyUse): CreateResult {
  if (bodyHash !== use.bodyHash) throw mismatch()
  return { created, replayed: true }
}

/**
 * The accounts that have nothing left by these orders. Orders of one transaction, of whatever account, come from one
 * gateway and so from one configuration.
 */
async function tellLow(tx: Tx, [first]: readonly Admitted[], charges: Charges): Promise<ReadonlySet<string>> {
  if (!first) return nobody
  const { lowBalance: lowBalanceDefault, createdAt: nowMs } = first.order
  const spent = new Set<string>()
  for (const moved of charges.moved()) {
    await tellIfLow(tx, { ...moved, lowBalanceDefault, nowMs })
    if (moved.after === 0 && moved.before > 0) spent.add(moved.accountId)
  }
  return spent
}

const nobody: ReadonlySet<string> = new Set()

/** Rows come behind those that they name, and charges behind their tasks. */
async function write(
  tx: Tx,
  admitted: readonly Admitted[],
  { charges, caps }: { readonly charges: Charges; readonly caps: Caps },
): Promise<void> {
  const all = (rowsOf: (each: Admitted) => Promise<unknown>[]): Promise<unknown>[] => admitted.flatMap(rowsOf)
  await allOf<unknown>([
    ...all(({ order }) => [storeRequest(tx, order)]),
    ...all((each) => storeTasks(tx, each)),
    ...all(({ order }) => (order.priced.firstFrame ? [storeFrameOf(tx, order)] : [])),
    charges.write(),
    caps.write(),
    ...all(({ order }) => (order.use ? [takeKey(tx, order.use, order.requestId)] : [])),
    ...all(({ order }) => (order.parking ? [park(tx, order, order.parking)] : [])),
  ])
}

async function storeRequest(tx: Tx, order: NewOrder): Promise<void> {
  const { requestId: id, accountId, keyId, plan, callbackForm, createdAt, priced } = order
  const { modelId, taskType, upstream, callbackUrl, firstFrame } = priced
  await insertRequest(tx, {
    id,
    accountId,
    keyId,
    plan,
    modelId,
    taskType,
    upstream,
    createdAt,
    order: { ...priced.order },
    callbackUrl,
    callbackForm: callbackUrl === null ? null : callbackForm,
    state: firstFrame ? 'waiting' : 'queued',
  })
}

function storeTasks(tx: Tx, { order, tasks, capDays }: Admitted): Promise<void>[] {
  const { requestId, accountId, createdAt, priced } = order
  const { modelId, taskType, upstream, firstFrame, costEach: cost } = priced
  const { operation } = priced.order
  const step = firstFrame ? 'video' : null
  const common = {
    requestId,
    accountId,
    modelId,
    taskType,
    upstream,
    operation,
    step,
    cost,
    createdAt,
  } as const
  return tasks.map(async (task) => await insertTask(tx, { ...common, ...capDays, ...task }))
}

async function storeFrameOf(tx: Tx, order: NewOrder): Promise<void> {
  const { firstFrame } = order.priced
  if (firstFrame) await storeFirstFrame(tx, firstFrame, { ...order, id: order.requestId })
}

async function park(tx: Tx, order: NewOrder, parking: Parking): Promise<void> {
  const { requestId, accountId, createdAt: nowMs } = order
  await parkOrder(tx, { ...parking, requestId, accountId, nowMs })
}
