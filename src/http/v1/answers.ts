// The client API's response schemas, used for both serialization and documentation.
import { z } from 'zod'
import { deliveryStates, eventTypes } from '../../db/tables.ts'

const credits = z.int().meta({ description: 'Whole credits.' })
const url = z.string().nullable()
const seconds = z.int().meta({ description: 'Unix seconds.' })

export const createdAnswer = z
  .object({
    task_id: z.string().meta({ description: 'The first of `task_ids`.' }),
    request_id: z.string().meta({ description: 'Of this submission; quote it when you ask for help.' }),
    credits: credits.meta({ description: 'What the whole request was charged.' }),
    task_ids: z.array(z.string()).meta({ description: 'One for each output, in order.' }),
  })
  .meta({ id: 'Created' })

export const taskAnswer = z
  .object({
    task_id: z.string(),
    task_status: z.int().meta({ description: '1 queued, 2 running, 3 success, 4 failed.' }),
    task_type: z.enum(['image', 'video']),
    model_id: z.string(),
    image_url: url,
    video_url: url,
    audio_url: url,
    credits: credits.meta({ description: 'What this task cost.' }),
    created_at: seconds,
    request_id: z.string(),
    thumbnail_url: url,
    result_expires_at: seconds.nullable().meta({
      description: 'When the URLs shown stop working; null while there are none, or where nobody knows.',
    }),
    result_expired: z.boolean().meta({
      description:
        'The result was kept as long as was said, by us or by the upstream: the URLs are null again.',
    }),
    error_message: z.string().nullable().meta({ description: 'Why the task failed.' }),
    credits_refunded: credits.meta({ description: 'What came back: all of `credits` when it failed.' }),
    finished_at: seconds.nullable(),
    width: z.number().nullable(),
    height: z.number().nullable(),
    duration: z.number().nullable().meta({ description: 'Seconds.' }),
    queue_position: z
      .union([z.int().min(1).max(1_000), z.literal('1000+')])
      .optional()
      .meta({
        description:
          'Only while the task waits in our queue: 1 is ordered next; beyond 1000 the text `1000+`. Orders of other accounts take turns with yours, so it may grow as well as fall.',
      }),
  })
  .meta({ id: 'Task' })

export const cancelledAnswer = z
  .object({
    task_id: z.string(),
    cancelled: z.literal(true),
    credits_refunded: credits.meta({ description: 'What the task cost, given back in the same commit.' }),
  })
  .meta({ id: 'Cancelled' })

const nextCursor = z.string().nullable().meta({ description: 'For the next page; null on the last.' })

export const taskListAnswer = z.object({ tasks: z.array(taskAnswer), next_cursor: nextCursor })

const value = z.union([z.string(), z.number(), z.boolean()])
const text = z.object({ en: z.string(), zh: z.string() })

const modelAnswer = z
  .object({
    id: z.string(),
    name: z.string(),
    aliases: z.array(z.string()).meta({ description: 'Other ids that `model_id` may name.' }),
    capability: z.string(),
    task_type: z.enum(['image', 'video']),
    output: z.enum(['image_url', 'video_url']),
    parameters: z.record(
      z.string(),
      z.object({
        required: z.boolean(),
        type: z.enum(['string', 'integer', 'boolean', 'array']),
        default: value.optional(),
        values: z.array(value).optional(),
        min: z.int().optional(),
        max: z.int().optional(),
        note: text.optional(),
      }),
    ),
    combinations: z.array(
      z.object({
        images: z.object({ min: z.int(), max: z.int() }),
        end_image_url: z.boolean(),
        aspect_ratio: z.array(z.string()),
        resolution: z.array(z.string()),
        duration: z.array(z.int()),
        generate_audio: z.boolean(),
        generate_count_max: z.int(),
      }),
    ),
    price: z.object({
      credits: z.number().optional(),
      per_second: z.number().optional(),
      times: z.record(z.string(), z.record(z.string(), z.number())),
      text,
    }),
  })
  .meta({ id: 'Model' })

export const modelListAnswer = z.object({ models: z.array(modelAnswer) })

export const quoteAnswer = z
  .object({
    credits: credits.meta({ description: 'What all outputs would cost.' }),
    quote_id: z.string().nullable().meta({
      description:
        'For `quote_id` of create: the price holds until `expires_at`. Null where no price can be promised at the moment.',
    }),
    expires_at: seconds.nullable(),
  })
  .meta({ id: 'Quote' })

export const creditsAnswer = z.object({
  balance: credits.meta({ description: 'What may still be spent.' }),
  in_flight: credits.meta({
    description: 'Charged for tasks that have not ended; a failure brings its part back.',
  }),
})

export const entryAnswer = z
  .object({
    id: z.int(),
    kind: z.enum(['grant', 'charge', 'refund', 'adjust']),
    amount: z.int().meta({ description: 'Signed credits; a charge is negative.' }),
    balance: z.int().meta({ description: 'The balance after this entry.' }),
    task_id: z.string().nullable(),
    public_note: z.string().nullable().meta({ description: 'What the operator says of it.' }),
    created_at: seconds,
  })
  .meta({ id: 'Entry' })

export const ledgerAnswer = z.object({ entries: z.array(entryAnswer), next_cursor: nextCursor })

export const fileAnswer = z.object({
  url: z.string().meta({ description: 'Usable in `image_urls` and `end_image_url`.' }),
  file_name: z.string(),
  bytes: z.int(),
  expires_at: seconds.optional().meta({
    description: 'When the URL stops working; only where we keep the file.',
  }),
})

const deliveryStatus = z.enum(deliveryStates).meta({
  description: '`superseded`: the task ended first, so an event of how it stood is not sent any more.',
})

export const webhookAnswer = z
  .object({
    url,
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
  .meta({ id: 'Webhook' })

export const webhookSecretAnswer = z.object({
  secret: z
    .string()
    .meta({ description: '`whsec_` and base64: of the Standard Webhooks scheme. Shown once.' }),
  older_secrets_until: seconds.nullable(),
})

export const webhookTrialAnswer = z
  .object({
    webhook_id: z.string(),
    url: z.string(),
    delivered: z.boolean().meta({ description: 'The receiver answered 2xx.' }),
    status: z.int().nullable().meta({ description: 'HTTP status; null where there was no whole answer.' }),
    error: z.string().nullable().meta({ description: 'Why it was not taken.' }),
    took_ms: z.int(),
  })
  .meta({ id: 'WebhookTest' })

export const deliveryAnswer = z
  .object({
    id: z.string().meta({ description: 'The `webhook-id` of every try.' }),
    task_id: z.string(),
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
  .meta({ id: 'Delivery' })

export const deliveryListAnswer = z.object({ deliveries: z.array(deliveryAnswer), next_cursor: nextCursor })
