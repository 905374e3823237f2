// How many orders are to be posted before a queued task's, as far as anybody wants to know.
import type { Connection } from '../../db/database.ts'
import { requestById } from '../store.ts'
import type { RequestRow, TaskRow } from '../store.ts'
import { countAhead, countBefore, flowOf, queueOf } from './store.ts'

/** Beyond these the exact number says nothing more, and counting costs. */
const exactMax = 1_000

/** 1: it is posted next. What comes later, and what is paused or held back, moves it. */
export type QueuePosition = number | typeof manyAhead
export const manyAhead = `${exactMax}+` as const

type Queued = Pick<TaskRow, 'requestId' | 'accountId' | 'state'>

/** Of each task, null unless it waits to be posted. The tasks come newest first, as in a list. */
export async function queuePositions(
  read: Connection,
  tasks: readonly Queued[],
): Promise<(QueuePosition | null)[]> {
  const positions = new Map<string, QueuePosition | null>()
  /** Upstreams in whose queue an older order is beyond counting: so is every newer one of the same account. */
  const beyond = new Set<string>()
  const queued = tasks.filter(({ state }) => state === 'queued')
  for (const { requestId, accountId } of queued.toReversed()) {
    if (positions.has(requestId)) continue
    const [request] = await requestById(read, { id: requestId })
    const line = `${request?.upstream} ${accountId}`
    const isKnown = request?.startTag === null && beyond.has(line)
    const position = isKnown ? manyAhead : await positionOf(read, request)
    if (position === manyAhead) beyond.add(line)
    positions.set(requestId, position)
  }
  return tasks.map(({ requestId, state }) => (state === 'queued' ? (positions.get(requestId) ?? null) : null))
}

async function positionOf(read: Connection, request: RequestRow | undefined): Promise<QueuePosition | null> {
  if (request?.state !== 'queued') return null
  const { id, upstream, accountId, startTag: kept } = request
  const max = exactMax + 1
  const [own] = await countAhead(read, { upstream, accountId, id, max })
  const ahead = own?.ahead ?? 0
  if (ahead >= exactMax) return manyAhead
  const [flow] = await flowOf(read, { upstream, accountId })
  const [queue] = await queueOf(read, { upstream })
  if (!flow || !queue) return null
  // As if each of its own before it were posted in its turn.
  const first = Math.max(flow.startTag ?? flow.finishTag, flow.finishTag, queue.virtualTime - 1)
  const startTag = kept ?? first + ahead * flow.stride
  const since = flow.since ?? request.createdAt
  const [others] = await countBefore(read, { upstream, accountId, startTag, since, max })
  const position = ahead + (others?.before ?? 0) + 1
  return position > exactMax ? manyAhead : position
}
