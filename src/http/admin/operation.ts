// Operator endpoints: tasks of all accounts, the ledger audit and stats.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { configuredUpstreams } from '../../context.ts'
import type { Context } from '../../context.ts'
import { expiryTime } from '../../expiry.ts'
import type { Audited, Auditor } from '../../ledger/auditor.ts'
import { listTasks } from '../../tasks/read/find.ts'
import { operatorView, taskDetail } from '../../tasks/read/task-detail.ts'
import type { TaskStatus } from '../../tasks/state.ts'
import { queueDepth, stats } from '../../tasks/read/stats.ts'
import type { KeyReport } from '../../upstream/keys/held-key.ts'
import { filteredPages, filterText, listOf, readCursor, wholeNumber } from '../paging.ts'
import { spanOf, spanQuery } from '../reports/dates.ts'
import type { Routes } from '../route.ts'
import { viewOperatorEntry } from '../views.ts'
import { taskId } from '../v1/fields.ts'
import { taskCursor, taskFilterQuery } from '../v1/tasks.ts'
import { taskDetailAnswer, operatorTaskListAnswer, verificationAnswer } from './answers.ts'
import { statsAnswer } from './stats-answer.ts'

const accountIdMax = 64
const searchedMax = 200
const msPerSecond = 1_000
const longestSeconds = 100_000_000

export function addOperationRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/tasks',
    operationId: 'listAllTasks',
    tag: 'Tasks',
    summary: 'List Tasks of All Accounts',
    description: `Newest first. ${filteredPages}`,
    query: z.strictObject({
      ...taskFilterQuery,
      ...spanQuery,
      account: filterText(accountIdMax)
        .min(1)
        .optional()
        .meta({ description: 'Only tasks of this account.' }),
      key: filterText(accountIdMax)
        .min(1)
        .optional()
        .meta({ description: 'Only tasks ordered with this key (`key_…`).' }),
      text: filterText(searchedMax)
        .min(1)
        .optional()
        .meta({ description: 'Only tasks whose prompt holds this.', examples: ['zen garden'] }),
      error: filterText(searchedMax)
        .min(1)
        .optional()
        .meta({ description: 'Only tasks whose reason of failure holds this, for the customer or for you.' }),
      refunded: z
        .enum(['true'])
        .optional()
        .meta({ description: 'Only tasks of which credits came back, by a failure or by hand.' }),
      took_above: wholeNumber(0, longestSeconds)
        .optional()
        .meta({ description: 'Only ended tasks that took more seconds than this.', examples: [300] }),
    }),
    answer: operatorTaskListAnswer,
    async run({ query }) {
      const page = await listTasks(ctx.db.read, {
        accountId: query.account ?? null,
        status: (query.status ?? null) as TaskStatus | null,
        modelId: query.model_id ?? null,
        ...spanOf(query, ctx.config.reporting.timeZone),
        keyId: query.key,
        text: query.text,
        error: query.error,
        isRefunded: query.refunded === 'true',
        tookAboveMs: query.took_above === undefined ? undefined : query.took_above * msPerSecond,
        before: readCursor(query.cursor, taskCursor),
        limit: query.limit,
      })
      return listOf('tasks', page, await operatorView(ctx.db.read, page.rows, expiryTime(ctx)))
    },
  })

  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/tasks/{id}',
    operationId: 'inspectTask',
    tag: 'Tasks',
    summary: 'Inspect Task',
    description: 'With its request, every attempt upstream, and its entries in the ledger.',
    params: z.strictObject({ id: taskId }),
    answer: taskDetailAnswer,
    async run({ params }) {
      const task = await taskDetail(ctx.db.read, params.id, expiryTime(ctx))
      return { ...task, entries: task.entries.map(viewOperatorEntry) }
    },
  })
}

export interface AuditRoutes {
  readonly routes: Routes
  readonly auditor: Auditor
}

export function addAuditRoutes(scope: FastifyInstance, ctx: Context, { routes, auditor }: AuditRoutes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/ledger/verify',
    operationId: 'verifyLedger',
    tag: 'Operation',
    summary: 'Verify Ledger',
    description:
      'Reads the whole ledger beside everything else, slice by slice, each of one committed state; a large store takes ' +
      'minutes. One at a time, so a second request gets the answer of the one under way. `drift` must be empty.',
    answer: verificationAnswer,
    async run() {
      const { ok, accounts, entries, drift } = await auditor.verify()
      return { ok, accounts, entries, drift: [...drift] }
    },
  })

  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/stats',
    operationId: 'getStats',
    tag: 'Operation',
    summary: 'Stats',
    answer: statsAnswer,
    async run() {
      const nowMs = ctx.clock.now()
      const { waiting, oldestSince } = await queueDepth(ctx.db.read)
      const upstreams = configuredUpstreams(ctx.upstreams).map(({ name, keys }) => {
        const pollsOnly = keys.reportPollsOnly(nowMs)
        const shown = {
          keys: keys.report(nowMs).map(viewKeyReport),
          ...(pollsOnly.length > 0 && { polls_only: pollsOnly.map(viewPollsOnly) }),
        }
        return [name, shown] as const
      })
      return {
        ...(await stats(ctx.db.read)),
        queue: {
          waiting,
          oldest_waiting_seconds: oldestSince === null ? null : Math.floor((nowMs - oldestSince) / 1000),
        },
        upstreams: Object.fromEntries(upstreams),
        ledger: viewAudit(auditor.last()),
      }
    },
  })
}

function viewKeyReport({ fingerprint, state, until, detail, calls, submits }: KeyReport) {
  const { lastSuccessAt, lastError } = calls
  const { limit, ceiling, inFlight, moved } = submits
  return {
    fingerprint,
    state,
    until,
    detail,
    last_success_at_ms: lastSuccessAt,
    last_error: lastError && { at_ms: lastError.atMs, words: lastError.words },
    submits: {
      in_flight: inFlight,
      limit,
      ceiling,
      moved: moved && { at_ms: moved.atMs, reason: moved.reason },
    },
  }
}

function viewPollsOnly({ fingerprint, calls: { lastSuccessAt, lastError } }: KeyReport) {
  return {
    fingerprint,
    last_success_at_ms: lastSuccessAt,
    last_error: lastError && { at_ms: lastError.atMs, words: lastError.words },
  }
}

function viewAudit(last: Audited | null) {
  if (!last) return null
  return {
    ok: last.ok,
    broken: [...new Set(last.drift.map(({ check }) => check))],
    verified_at_ms: last.atMs,
    took_ms: last.tookMs,
  }
}
