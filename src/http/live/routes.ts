// Endpoints that stream all changes of tasks: of one's own account, and of all accounts for operators.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { LiveTask } from '../../tasks/live/live.ts'
import { callerOf } from '../auth.ts'
import { eventStream } from '../route.ts'
import type { Routes } from '../route.ts'
import { openingOf } from './opening.ts'
import type { Streams } from './streams.ts'

const secondsOf = (ms: number | null) => (ms === null ? null : Math.floor(ms / 1_000))

const showOwn = (task: LiveTask) => ({
  task_id: task.id,
  request_id: task.requestId,
  task_status: task.status,
  created_at: secondsOf(task.createdAt),
  finished_at: secondsOf(task.finishedAt),
})

const showToOperator = (task: LiveTask) => ({
  ...showOwn(task),
  account_id: task.accountId,
  state: task.state,
})

const common = {
  method: 'GET',
  documentedHeaders: z.object({
    'last-event-id': z.string().optional().meta({ description: 'The `id` of the last event that was read.' }),
  }),
  answerTypes: [eventStream],
  answer: z.unknown().meta({
    override: { type: 'string' },
    description: 'Server-Sent Events.',
    examples: [
      'id: 1796000000000\nevent: task\ndata: {"task_id":"task_…","request_id":"req_…","task_status":2,"created_at":1796000000,"finished_at":null}\n\n',
    ],
  }),
} as const

const words =
  'Server-Sent Events without an end, one stream for a page. It begins with an event `reset`: lists that are read after it are whole, and each `task` event says what has changed since, within a second. A stream that is opened again with `Last-Event-ID` is told what it has missed, a task perhaps twice; where that is too much or too long ago (an hour), it begins with `reset`. Comments keep proxies from closing it. It ends when its key or session does, and when the gateway is restarted. At most 50 of one account, beyond which 429; it counts as one request.'

export function addEventRoute(scope: FastifyInstance, routes: Routes, streams: Streams): void {
  routes.add(scope, {
    ...common,
    url: '/api/v1/events',
    operationId: 'watchTasks',
    tag: 'Tasks',
    summary: 'Watch All Tasks',
    description: `The changes of all tasks of the account. ${words}`,
    async run({ request, reply }) {
      const { accountId } = callerOf(request)
      await streams.open({ accountId, opening: openingOf(request), show: showOwn }, reply)
      return undefined
    },
  })
}

export function addOperatorEventRoute(scope: FastifyInstance, routes: Routes, streams: Streams): void {
  routes.add(scope, {
    ...common,
    url: '/admin/v1/events',
    operationId: 'watchAllTasks',
    tag: 'Tasks',
    summary: 'Watch Tasks of All Accounts',
    description: `The changes of the newest 1000 tasks, and of those that were among them while a stream was open. ${words}`,
    async run({ request, reply }) {
      await streams.open({ accountId: null, opening: openingOf(request), show: showToOperator }, reply)
      return undefined
    },
  })
}
