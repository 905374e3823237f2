// What is known of work upstream that a callback names for a request: whether it is ours, and how it stands.
import type { Connection } from '../../db/database.ts'
import { isOrphan } from './orphans.ts'
import { reasons } from '../../reasons.ts'
import { taskByUpstreamId } from '../store.ts'
import type { TaskRow } from '../store.ts'

export type Classification =
  /** It belongs to a task of another request. */
  | { readonly kind: 'foreign' }
  /** Nothing is left to learn of it: its task ended by the upstream's own word, or it is recorded as an orphan. */
  | { readonly kind: 'known' }
  | { readonly kind: 'running'; readonly task: TaskRow }
  /** Its task was failed by us, and the upstream may have made it all the same. */
  | { readonly kind: 'given_up'; readonly task: TaskRow }
  /** No task has it. */
  | { readonly kind: 'nobodys' }

export async function classify(
  read: Connection,
  work: { readonly upstream: string; readonly upstreamTaskId: string; readonly requestId: string },
): Promise<Classification> {
  const { upstream, upstreamTaskId, requestId } = work
  const [task] = await taskByUpstreamId(read, { upstream, upstreamTaskId })
  if (!task) {
    return { kind: (await isOrphan(read, { upstream, upstreamTaskId })) ? 'known' : 'nobodys' }
  }
  if (task.requestId !== requestId) return { kind: 'foreign' }
  if (task.state === 'running') return { kind: 'running', task }
  if (!wasGivenUp(task)) return { kind: 'known' }
  return {
    kind: (await isOrphan(read, { upstream, upstreamTaskId, requestId })) ? 'known' : 'given_up',
    task,
  }
}

/** By the limit, or because the upstream knew nothing of it. */
function wasGivenUp({ state, errorMessage }: TaskRow): boolean {
  return state === 'failed' && (errorMessage === reasons.timedOut || errorMessage === reasons.lost)
}
