// Which order finds out whether a suspected key works: one that nothing is known against, where there is one.
import type { Connection } from '../../db/database.ts'
import type { Slots } from '../../upstream/slots.ts'
import { mayTakeSlot } from '../../upstream/slots.ts'
import { startTagOf } from './pick.ts'
import type { Picked } from './pick.ts'
import { nextOfAccount, queueOf, readyFlows } from './store.ts'
import type { NextOrder, ReadyFlow } from './store.ts'

/** Accounts, and orders of each, that are looked at: as many as cost a few milliseconds at most. */
const accountsMax = 64
const ordersOfEachMax = 4

interface Sought {
  readonly upstream: string
  /** How many slots are free, whether or not they may be taken yet. */
  readonly free: number
  readonly slots: Slots
  /** `try`: only of an account that has met no trouble, and has nothing under way. */
  readonly caution: 'try' | 'probe'
  readonly keys: {
    isInTrouble(requestId: string): boolean
    isTroubled(accountId: string): boolean
  }
}

/** In the order of the queue, accounts that have met no trouble first. Null where none is found. */
export async function pickProbe(read: Connection, sought: Sought): Promise<Picked | null> {
  const { upstream, caution, slots, free, keys } = sought
  const max = accountsMax + slots.holders()
  const flows = await readyFlows(read, { upstream, max })
  const isNew = ({ accountId }: ReadyFlow) => !keys.isTroubled(accountId) && slots.heldBy(accountId) === 0
  const others = caution === 'try' ? [] : flows.filter((flow) => !isNew(flow))
  for (const flow of [...flows.filter(isNew), ...others]) {
    if (!mayTakeSlot(slots.heldBy(flow.accountId), free)) continue
    const next = await untroubledOf(read, flow, sought)
    if (!next) continue
    const [queue] = await queueOf(read, { upstream })
    const { id, attemptsMade } = next
    const startTag = next.startTag ?? startTagOf(flow, queue?.virtualTime ?? 0)
    return { id, accountId: flow.accountId, attemptsMade, startTag }
  }
  return null
}

async function untroubledOf(
  read: Connection,
  { accountId }: ReadyFlow,
  { upstream, keys }: Sought,
): Promise<NextOrder | null> {
  let after = ''
  for (let at = 0; at < ordersOfEachMax; at += 1) {
    const [next] = await nextOfAccount(read, { upstream, accountId, after })
    if (!next || !keys.isInTrouble(next.id)) return next ?? null
    after = next.id
  }
  return null
}
