// Picks the next orders to post: start-time fair queueing over accounts, within the slots that each may hold.
import type { Connection } from '../../db/database.ts'
import { mayTakeSlot } from '../../upstream/slots.ts'
import type { Slots } from '../../upstream/slots.ts'
import { nextOfAccount, queueOf, readyFlows } from './store.ts'
import type { NextOrder, ReadyFlow } from './store.ts'

export interface Picked {
  readonly id: string
  readonly accountId: string
  readonly modelId: string
  readonly attemptsMade: number
  /** Its place in the queue when it is posted. */
  readonly startTag: number
}

export interface Picks {
  readonly picks: readonly Picked[]
  /** Slots stay free although orders wait, for accounts that hold none. */
  readonly isHeldBack: boolean
}

/** Lead of an account that had nothing queued, over the current round. The triggers use it too. */
const newcomerLead = 1
/** How many times as many orders of an account are read as it has got slots in this turn so far. */
const growth = 4

interface Line extends ReadyFlow {
  next: NextOrder
  /** Its orders after the next one that were read already. */
  ahead: NextOrder[]
  /** Its finish tag, and the start tag of its next order. */
  finishTag: number
  startTag: number
  picked: number
}

interface Wanted {
  readonly upstream: string
  /** How many orders may be posted now. */
  readonly max: number
  /** How many slots are free, whether or not they may be taken yet. */
  readonly free: number
  readonly slots: Slots
}

/**
 * The orders for up to `max` slots, in the order in which they are to be posted. Only as many accounts can
 * have a turn as there are free slots and accounts that hold slots, so no more are read, however many wait.
 */
export async function pickOrders(read: Connection, { upstream, max, free, slots }: Wanted): Promise<Picks> {
  const flows = await readyFlows(read, { upstream, max: max + slots.holders() })
  if (flows.length === 0 || max <= 0) return { picks: [], isHeldBack: false }
  const [queue] = await queueOf(read, { upstream })
  let virtualTime = queue?.virtualTime ?? 0
  let lines = await linesOf(read, upstream, flows)
  const picks: Picked[] = []
  while (picks.length < max) {
    const line = firstOf(lines, slots, free - picks.length)
    if (!line) break
    const { id, modelId, attemptsMade, startTag: kept } = line.next
    const startTag = kept ?? startTagOf(line, virtualTime)
    picks.push({ id, accountId: line.accountId, modelId, attemptsMade, startTag })
    virtualTime = Math.max(virtualTime, startTag)
    if (kept === null) line.finishTag = startTag + line.stride
    line.picked += 1
    const next = await orderAfterNext(read, line, { upstream, max: max - picks.length })
    if (next) Object.assign(line, { next, startTag: next.startTag ?? line.finishTag })
    else lines = lines.filter((other) => other !== line)
  }
  return { picks, isHeldBack: picks.length < max && lines.length > 0 }
}

/** The start tag of the account's next order if it has kept none from before. */
export const startTagOf = ({ startTag }: Pick<ReadyFlow, 'startTag'>, virtualTime: number): number =>
  Math.max(startTag, virtualTime - newcomerLead)

async function linesOf(read: Connection, upstream: string, flows: readonly ReadyFlow[]): Promise<Line[]> {
  const lines: Line[] = []
  for (const flow of flows) {
    const [next] = await nextOfAccount(read, { upstream, accountId: flow.accountId, after: '', max: 1 })
    if (next) lines.push({ ...flow, next, ahead: [], picked: 0 })
  }
  return lines
}

/** Reads as many of a line's orders at once as it has already been given slots: most orders are then read once. */
async function orderAfterNext(
  read: Connection,
  line: Line,
  { upstream, max }: { readonly upstream: string; readonly max: number },
): Promise<NextOrder | undefined> {
  if (max === 0) return undefined
  if (line.ahead.length === 0) {
    const { accountId, next, picked } = line
    line.ahead = await nextOfAccount(read, {
      upstream,
      accountId,
      after: next.id,
      max: Math.min(max, picked * growth),
    })
  }
  return line.ahead.shift()
}

/** The lines come sorted, so that of those with equal tags the one that has waited longest is found first. */
function firstOf(lines: readonly Line[], slots: Slots, free: number): Line | null {
  let first: Line | null = null
  for (const line of lines) {
    if (first && line.startTag >= first.startTag) continue
    if (mayTakeSlot(slots.heldBy(line.accountId) + line.picked, free)) first = line
  }
  return first
}
