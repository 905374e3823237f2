// Client endpoints for the account's webhook, its signing secret and its deliveries.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { stripBlanks } from '../../../characters.ts'
import type { Context } from '../../../context.ts'
import type { Tx } from '../../../db/database.ts'
import { eventTypes } from '../../../db/tables.ts'
import { expiryTime } from '../../../expiry.ts'
import { findTask } from '../../../tasks/read/find.ts'
import { viewWithSteps } from '../../../tasks/read/view.ts'
import { listDeliveries, resend } from '../../../webhooks/deliveries.ts'
import { readEndpoint, setEndpoint } from '../../../webhooks/endpoint.ts'
import { defaultTypes } from '../../../webhooks/events/types.ts'
import { renewSecret } from '../../../webhooks/signing/secrets.ts'
import { tryWebhook } from '../../../webhooks/try.ts'
import type { Trial } from '../../../webhooks/try.ts'
import { callerOf } from '../../auth.ts'
import { pageOf, pageQuery, readCursor } from '../../paging.ts'
import type { Routes } from '../../route.ts'
import { says } from '../../wire/issue-words.ts'
import { secondsOrNull, viewDelivery, viewWebhook } from '../../views.ts'
import {
  deliveryAnswer,
  deliveryListAnswer,
  deliveryStatus,
  webhookAnswer,
  webhookSecretAnswer,
  webhookTrialAnswer,
} from './answers.ts'
import { sample, text } from '../fields.ts'

const deliveryCursor = /^msg_[0-9a-z]{27}$/
const tag = 'Webhooks'

const webhookBody = z.strictObject({
  url: text(sample.receiverUrl).nullable(),
  event_types: z
    .array(z.enum(eventTypes))
    .refine(
      (types) => types.length > 0,
      says(
        'must name at least one type; to receive no webhooks, set url to null',
        '至少须包含一个类型;如不希望接收任何通知,请将 url 设为 null',
      ),
    )
    .nullable()
    .optional()
    .meta({
      examples: [['task.succeeded', 'task.failed']],
      minItems: 1,
      description: `What the account is sent from now on, at \`url\` and at the \`callback_url\` of its orders; null: ${defaultTypes.join(', ')}, which is also what an account gets that never chose. Left out, it stays as it is. Types that are added later are sent only to those who choose them, or where the provider has set something for them, as for \`balance.low\`.`,
    }),
})

export function addWebhookRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/webhooks',
    operationId: 'getWebhook',
    tag,
    summary: 'Webhook',
    answer: webhookAnswer,
    run: async ({ request }) =>
      viewWebhook(await readEndpoint(ctx.db.read, callerOf(request).accountId, ctx.clock.now())),
  })

  routes.add(scope, {
    method: 'PUT',
    url: '/api/v1/webhooks',
    operationId: 'setWebhook',
    tag,
    summary: 'Set the Webhook',
    description:
      'Where webhooks go of each task whose request names no `callback_url`; null removes it. Deliveries follow [Standard Webhooks](https://www.standardwebhooks.com), with the task in `data`; their types stand under `webhooks`. Any 2xx takes one; 410 switches the URL off; everything else is tried again under the same `webhook-id`.',
    body: webhookBody,
    answer: webhookAnswer,
    async run({ body, request }) {
      const url = body.url === null ? null : stripBlanks(body.url)
      const change = { url, types: body.event_types }
      const endpoint = await setEndpoint(ctx, callerOf(request).accountId, change)
      ctx.wake('deliver')
      return viewWebhook(endpoint)
    },
  })

  routes.add(scope, {
    method: 'POST',
    url: '/api/v1/webhooks/secret',
    operationId: 'renewWebhookSecret',
    tag,
    summary: 'Renew the Secret',
    description: 'Shown once. For 24 hours the secret before signs beside it, so that receivers can change.',
    answer: webhookSecretAnswer,
    async run({ request }) {
      const { secret, olderUntil } = await renewSecret(ctx, callerOf(request).accountId)
      return { secret, older_secrets_until: secondsOrNull(olderUntil) }
    },
  })

  routes.add(scope, {
    method: 'POST',
    url: '/api/v1/webhooks/test',
    operationId: 'testWebhook',
    tag,
    summary: 'Test the Webhook',
    description:
      'Sends one event of type `webhook.test` to your URL now, signed as every other, and answers what the receiver said. It is not repeated, and neither stands among the deliveries nor switches anything on or off.',
    answer: webhookTrialAnswer,
    async run({ request, reply }) {
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      return viewTrial(await tryWebhook(ctx, callerOf(request).accountId, gone.signal))
    },
  })

  addDeliveryRoutes(scope, ctx, routes)
}

const viewTrial = ({ id, tookMs, ...rest }: Trial) => ({ webhook_id: id, ...rest, took_ms: tookMs })

function addDeliveryRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/webhooks/deliveries',
    operationId: 'listDeliveries',
    tag,
    summary: 'List Deliveries',
    description: 'Newest first. Those that have ended are kept for 30 days.',
    query: z.strictObject({ ...pageQuery(deliveryCursor), status: deliveryStatus.optional() }),
    answer: deliveryListAnswer,
    async run({ query, request }) {
      const rows = await listDeliveries(ctx.db.read, {
        accountId: callerOf(request).accountId,
        state: query.status ?? null,
        before: readCursor(query.cursor, deliveryCursor),
        limit: query.limit + 1,
      })
      const page = { limit: query.limit, cursorOf: ({ id }: { readonly id: string }) => id }
      return pageOf('deliveries', rows.map(viewDelivery), page)
    },
  })

  routes.add(scope, {
    method: 'POST',
    url: '/api/v1/webhooks/deliveries/{id}/resend',
    operationId: 'resendDelivery',
    tag,
    summary: 'Resend a Delivery',
    description:
      'Due now, under the same `webhook-id`, also when it was delivered or given up; with the task as it is now. `task.running` is not sent any more once the task has ended.',
    params: z.strictObject({ id: text(sample.messageId) }),
    answer: deliveryAnswer,
    async run({ params, request }) {
      const { accountId } = callerOf(request)
      const dataOf = async (tx: Tx, taskId: string) =>
        await viewWithSteps(tx, await findTask(tx, accountId, taskId), expiryTime(ctx))
      return viewDelivery(await resend(ctx, accountId, { id: params.id, dataOf }))
    },
  })
}
