// Long polling: delays the answer until the task ends.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { findTask } from '../../tasks/read/find.ts'
import { hasEnded, statusOf } from '../../tasks/state.ts'
import type { TaskColumns } from '../../tasks/read/view.ts'
import type { Place, Waiting } from '../../tasks/wait/wait.ts'
import { callerOf } from '../auth.ts'
import type { StreamSocket } from '../connections/detach.ts'
import { storeFailed } from '../wire/refusals.ts'
import { wholeNumberUpTo } from '../paging.ts'

/** Below the minute after which nginx and many clients time out, with time for the answer itself. */
const waitSecondsMax = 55

export interface Patience {
  readonly waiting: Waiting
  /** If true, data read from the store must not be sent to clients. */
  readonly storeFailed: () => boolean
  /** The request only waits for its task from now on: it no longer counts as load. */
  readonly release: (request: FastifyRequest) => void
  /** Takes over the connection for a stream; null if the client is gone. */
  readonly detach: (reply: FastifyReply) => StreamSocket | null
}

export const waitQuery = {
  wait: wholeNumberUpTo(waitSecondsMax)
    .optional()
    .meta({
      description: `Answer when the task has ended, or with its present state after this many seconds; more than ${waitSecondsMax} means ${waitSecondsMax}. Left out or 0: at once.`,
    }),
}

export interface WaitForEnd {
  /** As it was found. */
  readonly task: TaskColumns
  readonly waitSeconds: number
  readonly reply: FastifyReply
}

/** Returns the task when it ends; earlier at the timeout, if the client disconnects, or on a stop. */
export async function waitForEnd(
  ctx: Context,
  { waiting, storeFailed: hasFailed, release }: Patience,
  { task: found, waitSeconds, reply }: WaitForEnd,
): Promise<TaskColumns> {
  if (hasEnded(found)) return found
  const { request } = reply
  const { accountId } = callerOf(request)
  let task = found
  reply.waited = true
  const dueAt = ctx.clock.monotonic() + waitSeconds * 1_000
  const place = waiting.take(task, accountId)
  leaveWhenGone(place, reply)
  release(request)
  try {
    for (;;) {
      const why = await place.wait(statusOf(task), dueAt)
      if (why === 'left') return task
      if (hasFailed()) throw storeFailed()
      task = await findTask(ctx.db.read, accountId, task.id)
      if (why !== 'changed' || hasEnded(task)) return task
    }
  } finally {
    place.leave()
  }
}

/** Leaves as soon as the client disconnects. */
function leaveWhenGone(place: Place, reply: FastifyReply): void {
  reply.raw.once('close', () => place.leave())
  // The client may have disconnected while its task was read.
  if (reply.raw.destroyed) place.leave()
}
