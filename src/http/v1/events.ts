// Server-Sent Events for a task's changes. Thousands may be open, so each holds little more than its socket.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { expiryTime } from '../../expiry.ts'
import { findTask } from '../../tasks/read/find.ts'
import { hasEnded, statusOf } from '../../tasks/state.ts'
import { showTask } from '../../tasks/read/view.ts'
import type { TaskColumns } from '../../tasks/read/view.ts'
import type { Place } from '../../tasks/wait/wait.ts'
import { callerOf } from '../auth.ts'
import type { StreamSocket } from '../connections/detach.ts'
import { endStream, headOf, heartbeatMs, retryMs, sendText } from '../live/event-stream.ts'
import { inLanguageOf } from '../wire/language.ts'
import { eventStream } from '../route.ts'
import type { Routes } from '../route.ts'
import { serializerOf } from '../wire/response-serializer.ts'
import { taskAnswer } from './answers.ts'
import { taskParams } from './fields.ts'
import type { Patience } from './wait.ts'

const url = '/api/v1/tasks/{task_id}/events'

export interface TaskEventRoute {
  readonly routes: Routes
  readonly patience: Patience
}

export function addTaskEventRoute(
  scope: FastifyInstance,
  ctx: Context,
  { routes, patience }: TaskEventRoute,
): void {
  routes.add(scope, {
    method: 'GET',
    url,
    operationId: 'watchTask',
    tag: 'Tasks',
    summary: 'Watch Task',
    description:
      'Server-Sent Events: an event `task` with the task as Query Task shows it, at once and whenever `task_status` changes. The stream ends after 3 (success) or 4 (failed), and its connection with it; one that ends earlier, as when the gateway is restarted, is to be opened again. `id` is the `task_status`: with `Last-Event-ID` what was shown already is not shown again. Comments every 15 seconds keep proxies from closing it. The key goes into the `Authorization` header, as everywhere, and never into the URL: a browser’s `EventSource` sends no headers, so read the stream with `fetch`. What the key may see is settled when the stream begins. It counts as one request.',
    params: taskParams,
    documentedHeaders: z.object({
      'last-event-id': z
        .string()
        .optional()
        .meta({ description: 'The `id` of the last event that was read.' }),
    }),
    answerTypes: [eventStream],
    answer: z.unknown().meta({
      override: { type: 'string' },
      description: 'Server-Sent Events.',
      examples: ['id: 1\nevent: task\ndata: {"task_id":"task_…","task_status":1,…}\n\n'],
    }),
    async run({ params, request, reply }) {
      const { accountId } = callerOf(request)
      const task = await findTask(ctx.db.read, accountId, params.task_id)
      const place = patience.waiting.take(task, accountId)
      patience.release(request)
      reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no').hijack()
      const head = headOf(request, reply)
      const isChunked = request.raw.httpVersion !== '1.0'
      const socket = patience.detach(reply)
      if (!socket) {
        place.leave()
        reply.raw.destroy()
        return undefined
      }
      socket.once('close', () => place.leave())
      socket.write(head)
      const { 'last-event-id': shown, 'accept-language': language } = request.headers
      // Nothing else of the request may stay in memory.
      const reader = { taskId: task.id, accountId, headers: { 'accept-language': language } }
      void sendEvents(ctx, patience, { socket, place, isChunked, reader, shown: String(shown ?? '') })
      return undefined
    },
  })
}

interface Stream {
  readonly socket: StreamSocket
  readonly place: Place
  readonly isChunked: boolean
  /** The `task_status` of the last event; empty if there was none. */
  shown: string
  readonly reader: {
    readonly taskId: string
    readonly accountId: string
    readonly headers: { readonly 'accept-language': string | undefined }
  }
}

/** Never throws. */
async function sendEvents(ctx: Context, patience: Patience, stream: Stream): Promise<void> {
  const began = performance.now()
  const { place, reader } = stream
  try {
    sendText(stream, `retry: ${retryMs}\n\n`)
    while (!patience.storeFailed()) {
      const task = await findTask(ctx.db.read, reader.accountId, reader.taskId)
      const status = statusOf(task)
      const isEnd = hasEnded(task)
      if (String(status) !== stream.shown || isEnd) {
        sendText(
          stream,
          eventOf(task, inLanguageOf(reader, await showTask(ctx.db.read, task, expiryTime(ctx)))),
        )
      }
      stream.shown = String(status)
      if (isEnd) break
      const why = await place.wait(status, ctx.clock.monotonic() + heartbeatMs)
      if (why === 'left' || why === 'stopped') break
      if (why === 'due') sendText(stream, ': still waiting\n\n')
    }
  } catch (error) {
    // Ends as at a stop: the client reconnects and then gets the actual error.
    ctx.log.error({ err: error }, 'a stream of events broke off')
  }
  place.leave()
  endStream(stream)
  const seconds = (performance.now() - began) / 1_000
  ctx.metrics.httpSeconds.labels({ method: 'GET', route: routeOfMetrics, status: 200 }).observe(seconds)
}

/** The route's name in the framework's notation. */
const routeOfMetrics = url.replace('{task_id}', ':task_id')

const shownTask = serializerOf(taskAnswer)

/** JSON.stringify emits no line breaks, so this is one line. */
function eventOf(task: TaskColumns, view: Parameters<typeof shownTask>[0]): string {
  const shown = JSON.stringify(shownTask(view))
  return `id: ${statusOf(task)}\nevent: task\ndata: ${shown}\n\n`
}
