// Waiting for a task without polling: an answer that is held back until it ends, and a stream of its changes.
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { expiryTime } from '../../expiry.ts'
import { findTask } from '../../tasks/find.ts'
import { hasEnded, statusOf } from '../../tasks/state.ts'
import { showTask } from '../../tasks/view.ts'
import type { viewTask } from '../../tasks/view.ts'
import type { TaskColumns } from '../../tasks/view.ts'
import type { Place, Waiting } from '../../tasks/waiting.ts'
import { callerOf } from '../auth.ts'
import { storeFailed } from '../envelope.ts'
import { inLanguageOf } from '../language.ts'
import { wholeNumberUpTo } from '../paging.ts'
import { eventStream } from '../route.ts'
import type { Routes } from '../route.ts'
import { whitelist } from '../whitelist.ts'
import { taskAnswer } from './answers.ts'

/** Below the minute after which nginx and many clients give up, with time for the answer itself. */
const waitSecondsMax = 55
/** Below the shortest time after which common proxies close a silent connection. */
const heartbeatMs = 15_000
/** What a reader that lost its connection should wait for before it comes again. */
const retryMs = 2_000

export interface Patience {
  readonly waiting: Waiting
  /** Nothing that is read now may be told to anybody. */
  readonly storeFailed: () => boolean
  /** It waits for its task from now on, and nobody waits for it. */
  readonly release: (request: FastifyRequest) => void
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

export function addTaskEventRoute(
  scope: FastifyInstance,
  ctx: Context,
  routes: Routes,
  patience: Patience,
): void {
  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/tasks/{task_id}/events',
    tag: 'Tasks',
    summary: 'Watch Task',
    description:
      'Server-Sent Events: an event `task` with the task as Query Task shows it, at once and whenever `task_status` changes. The stream ends after 3 (success) or 4 (failed); one that ends earlier, as when the gateway is restarted, is to be opened again. `id` is the `task_status`: with `Last-Event-ID` what was shown already is not shown again. Comments every 15 seconds keep proxies from closing it. The key goes into the `Authorization` header, as everywhere, and never into the URL: a browser’s `EventSource` sends no headers, so read the stream with `fetch`. What the key may see is settled when the stream begins. It counts as one request.',
    params: z.strictObject({ task_id: z.string() }),
    documentedHeaders: z.object({
      'last-event-id': z
        .string()
        .optional()
        .meta({ description: 'The `id` of the last event that was read.' }),
    }),
    answerType: eventStream,
    answer: z.custom<Readable>().meta({ override: { type: 'string' }, description: 'Server-Sent Events.' }),
    async run({ params, request, reply }) {
      const { accountId } = callerOf(request)
      const task = await findTask(ctx.db.read, accountId, params.task_id)
      const place = takePlace(patience.waiting, task, accountId, reply)
      patience.release(request)
      reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no')
      const source = {
        read: () => findTask(ctx.db.read, accountId, task.id),
        show: async (seen: TaskColumns) =>
          inLanguageOf(request, await showTask(ctx.db.read, seen, expiryTime(ctx))),
      }
      return Readable.from(eventsOf(ctx, patience, place, source, request.headers['last-event-id']))
    },
  })
}

/** Left as soon as the client is gone. */
function takePlace(waiting: Waiting, task: TaskColumns, accountId: string, reply: FastifyReply): Place {
  const place = waiting.take(task, accountId)
  reply.raw.once('close', () => place.leave())
  // It may have gone while its task was read.
  if (reply.raw.destroyed) place.leave()
  return place
}

/** Where a stream of events finds its task. */
interface Source {
  read(): Promise<TaskColumns>
  show(task: TaskColumns): Promise<ReturnType<typeof viewTask>>
}

async function* eventsOf(
  ctx: Context,
  patience: Patience,
  place: Place,
  source: Source,
  lastEventId: string | string[] | undefined,
): AsyncGenerator<string> {
  let shown = String(lastEventId ?? '')
  try {
    yield `retry: ${retryMs}\n\n`
    for (;;) {
      if (patience.storeFailed()) return
      const task = await source.read()
      const status = statusOf(task)
      if (String(status) !== shown || hasEnded(task)) yield eventOf(task, await source.show(task))
      shown = String(status)
      if (hasEnded(task)) return
      const why = await place.wait(status, ctx.clock.monotonic() + heartbeatMs)
      if (why === 'left' || why === 'stopped') return
      if (why === 'due') yield ': still waiting\n\n'
    }
  } catch (error) {
    // It ends as it would at a stop: its reader comes again, and is told what is wrong.
    ctx.log.error({ err: error }, 'a stream of events broke off')
  } finally {
    place.leave()
  }
}

const shownTask = whitelist(taskAnswer)

/** JSON has no line breaks of its own, so it is one line. */
function eventOf(task: TaskColumns, view: Parameters<typeof shownTask>[0]): string {
  const shown = JSON.stringify(shownTask(view))
  return `id: ${statusOf(task)}\nevent: task\ndata: ${shown}\n\n`
}
