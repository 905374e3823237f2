// Operator endpoints: what is wrong and what was, and a test of those who are told.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { listAlerts, listOpenAlerts } from '../../alerts/list.ts'
import type { ListedAlert } from '../../alerts/list.ts'
import { tryReceivers } from '../../alerts/trial.ts'
import type { Context } from '../../context.ts'
import { pageOf, pageQuery, readCursor } from '../paging.ts'
import type { Routes } from '../route.ts'
import { secondsOrNull } from '../views.ts'
import { languageOf } from '../wire/language.ts'
import { alertListAnswer, alertTrialAnswer } from './alert-answers.ts'

const alertCursor = /^alert_[0-9a-z]{27}$/
const nameLengthMax = 64

export function addAlertRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/alerts',
    operationId: 'listAlerts',
    tag: 'Operation',
    summary: 'List Alerts',
    description:
      'Newest first; kept for 90 days. With `state=firing` those that are not over, by rule and all on one page. `messages` says who was told.',
    query: z.strictObject({ ...pageQuery(alertCursor), state: z.enum(['firing']).optional() }),
    answer: alertListAnswer,
    async run({ query, request }) {
      const language = languageOf(request.headers['accept-language']) ?? 'en'
      const before = readCursor(query.cursor, alertCursor)
      if (query.state === 'firing') {
        return { alerts: (await listOpenAlerts(ctx.db.read, { language })).map(viewAlert), next_cursor: null }
      }
      const rows = await listAlerts(ctx.db.read, { before, limit: query.limit, language })
      const page = { limit: query.limit, cursorOf: ({ id }: { readonly id: string }) => id }
      return pageOf('alerts', rows.map(viewAlert), page)
    },
  })

  routes.add(scope, {
    method: 'POST',
    url: '/admin/v1/alerts/test',
    operationId: 'testAlerts',
    tag: 'Operation',
    summary: 'Test Alerts',
    description:
      'Sends a test to the receivers of tollgate.yaml now, and answers what each of them said. It is not repeated, and stands in no list.',
    body: z.strictObject({
      receiver: z
        .string()
        .min(1)
        .max(nameLengthMax)
        .optional()
        .meta({
          description: 'Its name in tollgate.yaml. Left out: all of them.',
          examples: ['night'],
        }),
    }),
    answer: alertTrialAnswer,
    async run({ body, reply }) {
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const results = await tryReceivers(ctx, body.receiver ?? null, gone.signal)
      return {
        ok: results.every(({ isTaken }) => isTaken),
        results: results.map(({ receiver, type, isTaken: ok, status, error }) => ({
          receiver,
          type,
          ok,
          status,
          error,
        })),
      }
    },
  })
}

export const viewAlert = (alert: ListedAlert) => ({
  id: alert.id,
  rule: alert.rule,
  subject: alert.subject,
  title: alert.title,
  text: alert.text,
  facts: alert.facts,
  fired_at: Math.floor(alert.firedAt / 1_000),
  recovered_at: secondsOrNull(alert.recoveredAt),
  messages: alert.messages.map(({ kind, receiver, state, attemptsMade, lastError, createdAt }) => ({
    kind,
    receiver,
    state,
    attempts: attemptsMade,
    last_error: lastError,
    created_at: Math.floor(createdAt / 1_000),
  })),
})
