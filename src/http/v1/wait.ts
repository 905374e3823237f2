// Waiting for a task without polling: an answer that is held back until it ends.
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

/** Below the minute after which nginx and many clients give up, with time for the answer itself. */
const waitSecondsMax = 55

export interface Patience {
  readonly waiting: Waiting
  /** Nothing that is read now may be told to anybody. */
  readonly storeFailed: () => boolean
  /** The request only waits for its task from now on: it no longer counts as load. */
  readonly release: (request: FastifyRequest) => void
  /** Its connection, for a stream; null where the client is gone. */
  readonly detach: (reply: FastifyReply) => StreamSocket | null
}

export const waitQuery = {
  wait: wholeNumberUpTo(waitSecondsMax)
    .optional()
    .meta({
      description: `Answer when the task has ended, or with its present state after this many seconds; more than ${waitSecondsMax} means ${waitSecondsMax}. Left out or 0: at once.`,
    }),
}

/** The task at its end, or as it is when the time is over, when the client is gone, and when we stop. */
export async function waitForEnd(
  ctx: Context,
  { waiting, storeFailed: hasFailed, release }: Patience,
  found: TaskColumns,
  waitSeconds: number,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<TaskColumns> {
  if (hasEnded(found)) return found
  const { accountId } = callerOf(request)
  let task = found
  reply.waited = true
  const dueAt = ctx.clock.monotonic() + waitSeconds * 1_000
  const place = takePlace(waiting, task, accountId, reply)
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

/** Left as soon as the client is gone. */
function takePlace(waiting: Waiting, task: TaskColumns, accountId: string, reply: FastifyReply): Place {
  const place = waiting.take(task, accountId)
  reply.raw.once('close', () => place.leave())
  // It may have gone while its task was read.
  if (reply.raw.destroyed) place.leave()
  return place
}
