// The response schemas of the account's webhooks.
import { z } from 'zod'
import { deliveryStates, eventTypes } from '../../../db/tables.ts'
import { nextCursor, sample, seconds, text, whole } from '../fields.ts'

export const deliveryStatus = z.enum(deliveryStates).meta({
  id: 'DeliveryStatus',
  examples: ['delivered'],
  description: '`superseded`: the task ended first, so an event of how it stood is not sent any more.',
})

const setWebhook = {
  url: sample.receiverUrl,
  enabled: true,
  disabled_reason: null,
  event_types: ['task.succeeded', 'task.failed', 'balance.low'],
  has_secret: true,
  secret_created_at: sample.createdAt,
  older_secrets_until: null,
}

export const webhookAnswer = z
  .object({
    url: z.string().nullable(),
    enabled: z.boolean().meta({ description: 'Whether anything is sent to `url`.' }),
    disabled_reason: z
      .string()
      .nullable()
      .meta({ description: 'Why it was switched off; `PUT` switches it on again.' }),
    event_types: z
      .array(z.enum(eventTypes))
      .meta({ description: 'What is sent, at `url` and at the `callback_url` of orders.' }),
    has_secret: z.boolean().meta({ description: 'Where there is none, the first delivery makes one.' }),
    secret_created_at: seconds.nullable(),
    older_secrets_until: seconds
      .nullable()
      .meta({ description: 'Until when secrets from before sign too; null: none does.' }),
  })
  .meta({ id: 'Webhook', examples: [setWebhook] })

export const webhookSecretAnswer = z
  .object({
    secret: text('whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD').meta({
      description: '`whsec_` and base64: of the Standard Webhooks scheme. Shown once.',
    }),
    older_secrets_until: seconds.nullable(),
  })
  .meta({ id: 'WebhookSecret' })

export const webhookTrialAnswer = z
  .object({
    webhook_id: text(sample.messageId),
    url: text(sample.receiverUrl),
    delivered: z.boolean().meta({ description: 'The receiver answered 2xx.' }),
    status: whole(204).nullable().meta({ description: 'HTTP status; null where there was no whole answer.' }),
    error: z
      .string()
      .nullable()
      .meta({ description: 'Why it was not taken.', examples: [null] }),
    took_ms: whole(87),
  })
  .meta({ id: 'WebhookTest' })

const madeDelivery = {
  id: sample.messageId,
  task_id: sample.taskId,
  type: 'task.succeeded',
  url: sample.receiverUrl,
  status: 'delivered',
  attempts: 1,
  last_status: 204,
  last_error: null,
  next_at: null,
  created_at: sample.finishedAt,
  delivered_at: sample.finishedAt,
}

export const deliveryAnswer = z
  .object({
    id: z.string().meta({ description: 'The `webhook-id` of every try.' }),
    task_id: z.string().nullable().meta({ description: 'Null: the event is of the account.' }),
    type: z.enum(eventTypes),
    url: z.string(),
    status: deliveryStatus,
    attempts: z.int().meta({ description: 'Tries that have ended.' }),
    last_status: z.int().nullable().meta({ description: 'HTTP status of the last answer.' }),
    last_error: z.string().nullable(),
    next_at: seconds.nullable(),
    created_at: seconds,
    delivered_at: seconds.nullable(),
  })
  .meta({ id: 'Delivery', examples: [madeDelivery] })

export const deliveryListAnswer = z
  .object({ deliveries: z.array(deliveryAnswer), next_cursor: nextCursor })
  .meta({ id: 'DeliveryList' })
