// The webhooks section of the OpenAPI document: each event type with its headers and payload.
import { z } from 'zod'
import type { ZodOpenApiObject } from 'zod-openapi'
import { eventTypes } from '../../db/tables.ts'
import { eventKinds } from '../../webhooks/events/types.ts'
import type { EventType } from '../../webhooks/events/types.ts'
import { taskAnswer } from '../v1/answers.ts'

export const documentedWebhooks = (): NonNullable<ZodOpenApiObject['webhooks']> =>
  Object.fromEntries(eventTypes.map((type) => [type, { post: operationOf(type) }]))

const header = z.object({
  'webhook-id': z.string().meta({ description: 'The same for every try of this event.' }),
  'webhook-timestamp': z.string().meta({ description: 'Unix seconds of this try.' }),
  'webhook-signature': z.string().meta({
    description:
      '`v1,` and base64 of HMAC-SHA256 over `webhook-id.webhook-timestamp.body`; one for each secret that is alive, with spaces between.',
  }),
})

function operationOf(type: EventType) {
  const event = z.object({
    type: z.literal(type),
    timestamp: z.iso.datetime().meta({ description: 'When it happened, not when it is sent.' }),
    data: taskAnswer,
  })
  const { description, isDefault } = eventKinds[type]
  return {
    operationId: `webhook_${type.replaceAll('.', '_')}`,
    tags: ['Webhooks'],
    summary: type,
    description: `${description} ${isDefault ? 'Sent unless the account has chosen otherwise.' : 'Sent only to accounts that have chosen it: see `event_types` of PUT /api/v1/webhooks.'}`,
    security: [],
    requestParams: { header },
    requestBody: { required: true, content: { 'application/json': { schema: event } } },
    responses: {
      '2XX': { description: 'Taken; the body is not read.' },
      '410': { description: 'Never again: the delivery ends, and the URL of the account is switched off.' },
      '4XX': { description: 'Tried again later, as with a redirect, a 5xx and no answer.' },
    },
  }
}
