// Keevx's callbacks: which task one names.
import type { CallbackHint } from '../adapter.ts'
import { member, membersOf, single, taskIdIn, unfolded } from '../answers/wire.ts'
import { isOperation } from './operations.ts'

/** The task a callback names. Keevx does not sign callbacks, so nothing else in it is read. */
export function readCallback(body: unknown): CallbackHint | null {
  const members = membersOf(body)
  const type = members && member(members, 'task_type')
  const operation = typeof type === 'string' ? type.trim().toLowerCase() : ''
  const data = members && membersOf(single(unfolded(members['data'])))
  const upstreamTaskId = data ? taskIdIn(member(data, 'task_id')) : null
  return isOperation(operation) && upstreamTaskId !== null ? { operation, upstreamTaskId } : null
}
