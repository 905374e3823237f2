// The response schemas of alerts.
import { z } from 'zod'
import { nextCursor, sample, seconds, text, whole } from '../v1/fields.ts'

const alertMessageAnswer = z
  .object({
    kind: z.enum(['fired', 'recovered']),
    receiver: text('night'),
    state: z.enum(['pending', 'sent', 'failed', 'held_back']).meta({
      description: '`held_back`: the receiver had its number of messages for the hour.',
      examples: ['sent'],
    }),
    attempts: whole(1),
    last_error: z
      .string()
      .nullable()
      .meta({ examples: [null] }),
    created_at: seconds,
  })
  .meta({ id: 'AlertMessage' })

const alertAnswer = z
  .object({
    id: text(`alert_${sample.taskId.slice('task_'.length)}`),
    rule: text('oldest_waiting'),
    subject: text('').meta({ description: 'What it is about; empty: the gateway.' }),
    title: text('Orders wait long'),
    text: text('The oldest of 12 waiting orders has waited 11 minutes.'),
    facts: z
      .record(z.string(), z.union([z.string(), z.number(), z.null()]))
      .meta({ description: 'What was measured.', examples: [{ waiting: 12, minutes: 11 }] }),
    fired_at: seconds,
    recovered_at: seconds.nullable().meta({ examples: [null] }),
    messages: z.array(alertMessageAnswer),
  })
  .meta({ id: 'Alert' })

export const alertListAnswer = z
  .object({ alerts: z.array(alertAnswer), next_cursor: nextCursor })
  .meta({ id: 'AlertList' })

export const alertTrialAnswer = z
  .object({
    ok: z.boolean().meta({ description: 'Whether every receiver took it.', examples: [true] }),
    results: z.array(
      z.object({
        receiver: text('night'),
        type: text('slack'),
        ok: z.boolean().meta({ examples: [true] }),
        status: z
          .int()
          .nullable()
          .meta({ examples: [200] }),
        error: z
          .string()
          .nullable()
          .meta({ examples: [null] }),
      }),
    ),
  })
  .meta({ id: 'AlertTrial' })
