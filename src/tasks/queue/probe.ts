// Picks the order that tests whether a suspected or paused key works: one that has had no trouble itself.
import type { Connection } from '../../db/database.ts'
import type { Slots } from '../../upstream/slots.ts'
import { mayTakeSlot } from '../../upstream/slots.ts'
import { startTagOf } from './pick.ts'
import type { Picked } from './pick.ts'
import { nextOfAccount, queueOf, readyFlows } from './store.ts'
import type { NextOrder, ReadyFlow } from './store.ts'

/** How many accounts, and orders of each, are read: a few milliseconds at most. */
const accountsMax = 64
const ordersOfEachMax = 4

interface Sought {
  readonly upstream: string
  /** How many slots are free, whether or not they may be taken yet. */
  readonly free: number
  readonly slots: Slots
  /** `try`: only an order of an account that has had no trouble and has nothing in progress. */
  readonly caution: 'try' | 'probe'
  readonly keys: {
    isInTrouble(requestId: string): boolean
    isTroubled(accountId: string): boolean
    isLimitedModel(modelId: string): boolean
  }
}

/** In queue order, but accounts, then models, without trouble first. Null if there is no such order. */
export async function pickProbe(read: Connection, sought: Sought): Promise<Picked | null> {
  const { upstream, caution, slots, free, keys } = sought
  const max = accountsMax + slots.holders()
  const flows = (await readyFlows(read, { upstream, max })).filter(({ accountId }) =>
    mayTakeSlot(slots.heldBy(accountId), free),
  )
  const isNew = ({ accountId }: ReadyFlow) => !keys.isTroubled(accountId) && slots.heldBy(accountId) === 0
  const newOnes = flows.filter(isNew)
  const others = caution === 'try' ? [] : flows.filter((flow) => !isNew(flow))
  const isOfFreeModel = ({ modelId }: NextOrder) => !keys.isLimitedModel(modelId)
  return (
    (await firstOf(read, newOnes, { sought, suits: isOfFreeModel })) ??
    (await firstOf(read, newOnes, { sought, suits: () => true })) ??
    (await firstOf(read, others, { sought, suits: isOfFreeModel }))
  )
}

interface Choice {
  readonly sought: Sought
  readonly suits: (order: NextOrder) => boolean
}

async function firstOf(
  read: Connection,
  flows: readonly ReadyFlow[],
  choice: Choice,
): Promise<Picked | null> {
  const { upstream } = choice.sought
  for (const flow of flows) {
    const next = await untroubledOf(read, flow, choice)
    if (!next) continue
    const [queue] = await queueOf(read, { upstream })
    const { id, modelId, attemptsMade } = next
    const startTag = next.startTag ?? startTagOf(flow, queue?.virtualTime ?? 0)
    return { id, accountId: flow.accountId, modelId, attemptsMade, startTag }
  }
  return null
}

async function untroubledOf(
  read: Connection,
  { accountId }: ReadyFlow,
  { sought: { upstream, keys }, suits }: Choice,
): Promise<NextOrder | null> {
  let after = ''
  for (let at = 0; at < ordersOfEachMax; at += 1) {
    const [next] = await nextOfAccount(read, { upstream, accountId, after, max: 1 })
    if (!next) return null
    if (!keys.isInTrouble(next.id) && suits(next)) return next
    after = next.id
  }
  return null
}
