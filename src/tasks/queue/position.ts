// Counts how many orders will be posted before a queued task's, up to a bound.
import type { Connection } from '../../db/database.ts'
import { frameOf } from '../first-frame/rows.ts'
import type { TaskRow } from '../store.ts'
import { countAhead, countBefore, flowOf, queueOf, queuedOrder } from './store.ts'
import type { QueuedOrder } from './store.ts'

/** A larger exact number is of no use, and counting costs time. */
const exactMax = 1_000

/** 1: it is posted next. Later orders, and orders that are paused or held back, change it. */
export type QueuePosition = number | typeof manyAhead
export const manyAhead = `${exactMax}+` as const

type Queued = Pick<TaskRow, 'requestId' | 'accountId' | 'state'>

/** One for each task, null unless it waits to be posted. The tasks come newest first, as in a list. */
export async function queuePositions(
  read: Connection,
  tasks: readonly Queued[],
): Promise<(QueuePosition | null)[]> {
  const positions = new Map<string, QueuePosition | null>()
  const queued = tasks.filter(({ state }) => state === 'queued')
  for (const { requestId } of queued.toReversed()) {
    if (positions.has(requestId)) continue
    const [order] = await queuedOrder(read, { id: requestId })
    // An order that waits for its first frame is as far as that is.
    const request = order?.state === 'waiting' ? (await frameOf(read, requestId))?.request : order
    positions.set(requestId, await positionOrKnown(read, request))
  }
  return tasks.map(({ requestId, state }) => (state === 'queued' ? (positions.get(requestId) ?? null) : null))
}

/** An account with a long queue asks for many of its tasks: each would be counted up to the same bound. */
const beyondForMs = 1_000
/** More entries than there are such long queues at once. */
const beyondMax = 10_000

interface Beyond {
  readonly id: string
  readonly seenAtMs: number
}

/** Per account and upstream, the oldest order beyond the bound: newer ones are too, for a while. */
const beyondOf = new WeakMap<Connection, Map<string, Beyond>>()

async function positionOrKnown(
  read: Connection,
  request: QueuedOrder | undefined,
): Promise<QueuePosition | null> {
  // An order that was posted before has kept its place, whatever its age.
  if (request?.startTag !== null) return await positionOf(read, request)
  const beyond = beyondOf.get(read) ?? new Map<string, Beyond>()
  beyondOf.set(read, beyond)
  const line = `${request.upstream} ${request.accountId}`
  const seenAtMs = performance.now()
  const known = beyond.get(line)
  const isFresh = known !== undefined && seenAtMs - known.seenAtMs < beyondForMs
  if (isFresh && request.id >= known.id) return request.state === 'queued' ? manyAhead : null
  const position = await positionOf(read, request)
  if (position !== manyAhead) return position
  if (beyond.size >= beyondMax) beyond.clear()
  beyond.set(line, { id: request.id, seenAtMs })
  return position
}

async function positionOf(read: Connection, request: QueuedOrder | undefined): Promise<QueuePosition | null> {
  if (request?.state !== 'queued') return null
  const { id, upstream, accountId, startTag: kept } = request
  const max = exactMax + 1
  const [own] = await countAhead(read, { upstream, accountId, id, max })
  const ahead = own?.ahead ?? 0
  if (ahead >= exactMax) return manyAhead
  const [flow] = await flowOf(read, { upstream, accountId })
  const [queue] = await queueOf(read, { upstream })
  if (!flow || !queue) return null
  // Assumes that each earlier order of the account is posted in its turn.
  const first = Math.max(flow.startTag ?? flow.finishTag, flow.finishTag, queue.virtualTime - 1)
  const startTag = kept ?? first + ahead * flow.stride
  const since = flow.since ?? request.createdAt
  const [others] = await countBefore(read, { upstream, accountId, startTag, since, max })
  const position = ahead + (others?.before ?? 0) + 1
  return position > exactMax ? manyAhead : position
}
