// The operator API's answer with the numbers of the whole gateway.
import { z } from 'zod'
import { sample } from '../v1/fields.ts'

const ms = z.int().nullable()
const atMs = sample.finishedAt * 1000

const quietDay = {
  accounts: 12,
  credits: { balance: 48_211, charged: 9_430, refunded: 210, net: 9_220 },
  tasks: { queued: 0, running: 2, succeeded: 611, failed: 14 },
  queue: { waiting: 0, oldest_waiting_seconds: null },
  orphans: {},
  upstreams: {
    keevx: {
      keys: [
        {
          fingerprint: '3f1c9a7e',
          state: 'ready',
          until: null,
          detail: null,
          last_success_at_ms: atMs,
          last_error: null,
          submits: { in_flight: 2, limit: 16, ceiling: null, moved: null },
        },
      ],
    },
  },
  ledger: { ok: true, broken: [], verified_at_ms: atMs, took_ms: 112 },
}

export const statsAnswer = z
  .object({
    accounts: z.int(),
    credits: z.object({ balance: z.int(), charged: z.int(), refunded: z.int(), net: z.int() }),
    tasks: z.record(z.string(), z.int()).meta({ description: 'How many are in each state.' }),
    queue: z.object({ waiting: z.int(), oldest_waiting_seconds: z.int().nullable() }),
    orphans: z.record(z.string(), z.int()).meta({
      description:
        'Work upstream that you may pay for and no task stands for, by reason: `extra_id`, `repeated_id`, ' +
        '`late_accept`, `late_success`, and `unanswered` (given up without an answer under the key that ordered it).',
    }),
    upstreams: z.record(
      z.string(),
      z.object({
        keys: z.array(
          z.object({
            fingerprint: z.string(),
            state: z.string().meta({
              description:
                '`ready`, `paused` (after a 429), `rejected`, `suspected` (orders of several accounts in a row were ' +
                'turned away) or `unreachable` (nothing connects).',
            }),
            until: ms,
            detail: z.string().nullable(),
            last_success_at_ms: ms,
            last_error: z.object({ at_ms: z.int(), words: z.string() }).nullable(),
            submits: z.object({
              in_flight: z.int(),
              limit: z.int().meta({ description: 'Submits that may be in flight at once.' }),
              ceiling: z
                .int()
                .nullable()
                .meta({ description: 'Above this the upstream answered 429; null: it never did.' }),
              moved: z
                .object({
                  at_ms: z.int(),
                  reason: z.string().meta({
                    description:
                      '`full`: it was used up without a 429; `creep`: a step beyond the ceiling, to see whether it ' +
                      'has risen; `rate_limited`: what was held minus what was refused; `all_rate_limited`: a 429 ' +
                      'that no ceiling explains; `revoked`: the 429 that lowered it was one order’s, account’s or ' +
                      'model’s alone.',
                  }),
                })
                .nullable()
                .meta({ description: 'When and why the limit last moved.' }),
            }),
          }),
        ),
        polls_only: z
          .array(
            z.object({
              fingerprint: z.string(),
              last_success_at_ms: ms,
              last_error: z.object({ at_ms: z.int(), words: z.string() }).nullable(),
            }),
          )
          .optional()
          .meta({
            description: 'Keys of before, with which running tasks are asked for and nothing is ordered.',
          }),
      }),
    ),
    ledger: z
      .object({
        ok: z.boolean(),
        broken: z.array(z.string()).meta({ description: 'The promises that are broken.' }),
        verified_at_ms: z.int(),
        took_ms: z.int(),
      })
      .nullable()
      .meta({ description: 'What the last audit of the ledger found; null before the first.' }),
  })
  .meta({ id: 'Stats', examples: [quietDay] })
