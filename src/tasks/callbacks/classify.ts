// Classifies upstream work that a callback names for a request: whose it is, and the state of its task.
import type { Connection } from '../../db/database.ts'
import { isOrphan } from './orphans.ts'
import { reasons } from '../../reasons.ts'
import { taskByUpstreamId } from '../store.ts'
import type { TaskRow } from '../store.ts'

export type Classification =
  /** It belongs to a task of another request. */
  | { readonly kind: 'foreign' }
  /** Nothing is left to learn: the upstream's own answer ended its task, or it is recorded as an orphan. */
  | { readonly kind: 'known' }
  | { readonly kind: 'running'; readonly task: TaskRow }
  /** We failed its task, but the upstream may still have made it. */
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

/** At its limit, or because the upstream did not know the task. */
function wasGivenUp({ state, errorMessage }: TaskRow): boolean {
  return state === 'failed' && (errorMessage === reasons.timedOut || errorMessage === reasons.lost)
}
