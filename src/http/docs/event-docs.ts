// The webhooks section of the OpenAPI document: each event type with its headers and payload.
import { z } from 'zod'
import type { ZodOpenApiObject, ZodOpenApiOperationObject } from 'zod-openapi'
import { eventTypes } from '../../db/tables.ts'
import { eventKinds } from '../../webhooks/events/types.ts'
import type { EventType } from '../../webhooks/events/types.ts'
import { taskAnswer } from '../v1/answers.ts'
import { credits, sample, text } from '../v1/fields.ts'
import { exampleOf, named } from './example.ts'

export const documentedWebhooks = (): NonNullable<ZodOpenApiObject['webhooks']> => ({
  ...Object.fromEntries(eventTypes.map((type) => [type, { post: ownEvent(type) }])),
  'webhook.test': { post: trialEvent() },
})

const header = z.object({
  'webhook-id': text(sample.messageId).meta({ description: 'The same for every try of this event.' }),
  'webhook-timestamp': text(String(sample.finishedAt)).meta({ description: 'Unix seconds of this try.' }),
  'webhook-signature': text('v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=').meta({
    description:
      '`v1,` and base64 of HMAC-SHA256 over `webhook-id.webhook-timestamp.body`; one for each secret that is alive, with spaces between.',
  }),
})

const happenedAt = z.iso.datetime().meta({
  description: 'When it happened, not when it is sent.',
  examples: [new Date(sample.finishedAt * 1000).toISOString()],
})

const low = z
  .object({
  balance: credits.meta({ description: 'What is left.', examples: [40] }),
  low_balance: credits.meta({ description: 'The threshold that it fell below.', examples: [50] }),
})
.meta({ id: 'LowBalance' })

function ownEvent(type: EventType) {
  const data = type === 'balance.low' ? low : taskAnswer
  const example = type === 'balance.low' ? { balance: 40, low_balance: 50 } : tasksAt[type]
  const event = z
    .object({ type: z.literal(type), timestamp: happenedAt, data })
    .meta({ id: `${inPascalCase(type)}Event`, examples: [{ ...commonOf(type), data: example }] })
  const { description, isDefault } = eventKinds[type]
  const sentTo = isDefault
    ? 'Sent unless the account has chosen otherwise.'
    : 'Sent only to accounts that have chosen it: see `event_types` of PUT /api/v1/webhooks.'
  return operationOf(type, event, `${description} ${sentTo}`)
}

function trialEvent() {
  const type = 'webhook.test'
  const message = text('A test of your webhook. Nothing was ordered or charged.')
  const event = z
    .object({ type: z.literal(type), timestamp: happenedAt, data: z.object({ message }) })
    .meta({ id: 'WebhookTestEvent' })
  return operationOf(type, event, 'Sent once, when the account asks for it: POST /api/v1/webhooks/test.')
}

const commonOf = (type: string) => ({ type, timestamp: exampleOf(happenedAt) })

const finished = exampleOf(taskAnswer) as z.input<typeof taskAnswer>
const unfinished = {
  ...finished,
  image_url: null,
  result_expires_at: null,
  width: null,
  height: null,
}

const tasksAt: Readonly<Record<Exclude<EventType, 'balance.low'>, z.input<typeof taskAnswer>>> = {
  'task.running': { ...unfinished, task_status: 2, finished_at: null },
  'task.succeeded': finished,
  'task.failed': {
    ...unfinished,
    task_status: 4,
    error_message: 'The upstream refused the prompt.',
    credits_refunded: finished.credits,
  },
}

/** `task.succeeded` is `TaskSucceeded`. */
const inPascalCase = (type: string): string =>
  type.replaceAll(/(?:^|\.)(\w)/g, (_, letter: string) => letter.toUpperCase())

function operationOf(type: string, event: z.ZodType, description: string): ZodOpenApiOperationObject {
  return {
    operationId: `receive${inPascalCase(type)}`,
    tags: ['Webhooks'],
    summary: type,
    description,
    security: [],
    requestParams: { header },
    requestBody: {
      required: true,
      content: { 'application/json': { schema: event, examples: named('event', exampleOf(event)) } },
    },
    responses: {
      '2XX': { description: 'Taken; the body is not read.' },
      '410': { description: 'Never again: the delivery ends, and the URL of the account is switched off.' },
      '4XX': { description: 'Tried again later, as with a redirect, a 5xx and no answer.' },
    },
  }
}
