// The operator API's response schemas.
import { z } from 'zod'
import { entryAnswer, ledgerAnswer, modelListAnswer, taskAnswer } from '../v1/answers.ts'

const seconds = z.int().meta({ description: 'Unix seconds.' })
const limit = z
  .union([z.int(), z.literal('off'), z.null()])
  .meta({ description: 'Null: as configured for everyone. `off`: none.' })

export const accountAnswer = z
  .object({
    id: z.string(),
    name: z.string(),
    status: z.enum(['active', 'suspended']),
    balance: z.int(),
    tasks_in_flight: z.int(),
    limits: z.object({ requests_per_minute: limit, tasks_in_flight: limit }),
    created_at: seconds,
  })
  .meta({ id: 'Account' })

export const accountListAnswer = z.object({
  accounts: z.array(accountAnswer),
  next_cursor: z.string().nullable(),
})

export const keyAnswer = z
  .object({
    id: z.string(),
    account_id: z.string(),
    name: z.string(),
    prefix: z.string(),
    expires_at: seconds.nullable(),
    revoked_at: seconds.nullable(),
    created_at: seconds,
  })
  .meta({ id: 'Key' })

export const newKeyAnswer = keyAnswer
  .extend({ key: z.string().meta({ description: 'The only time it is shown.' }) })
  .meta({ id: 'NewKey' })

export const keyListAnswer = z.object({ keys: z.array(keyAnswer) })

export const grantAnswer = z.object({ balance: z.int(), entry_id: z.int() })

const operatorEntryAnswer = entryAnswer
  .extend({
    private_note: z.string().nullable().meta({ description: 'For the operator alone.' }),
    note: z.string().nullable().meta({ description: 'Another name of `private_note`.' }),
  })
  .meta({ id: 'OperatorEntry' })

export const operatorLedgerAnswer = ledgerAnswer.extend({ entries: z.array(operatorEntryAnswer) })

/** Milliseconds, not seconds: the operator needs exact times to find out what happened. */
const ms = z.int().nullable()

const operatorTaskAnswer = taskAnswer
  .extend({
    account_id: z.string(),
    state: z.string().meta({ description: 'The state inside; `task_status` is what the client sees of it.' }),
    upstream: z.string(),
    upstream_task_id: z.string().nullable(),
    error_detail: z.string().nullable().meta({ description: 'What lay behind `error_message`.' }),
    polls_made: z.int(),
    next_poll_at_ms: ms,
    give_up_at_ms: ms,
  })
  .meta({ id: 'OperatorTask' })

export const operatorTaskListAnswer = z.object({
  tasks: z.array(operatorTaskAnswer),
  next_cursor: z.string().nullable(),
})

export const taskDetailAnswer = operatorTaskAnswer
  .extend({
    request: z.object({
      id: z.string(),
      state: z.string(),
      key_id: z.string(),
      order: z.record(z.string(), z.unknown()),
      callback_url: z.string().nullable(),
      due_at_ms: ms,
    }),
    attempts: z.array(
      z.object({
        id: z.string(),
        number: z.int(),
        upstream_key: z.string().meta({ description: 'A fingerprint of the key, not the key.' }),
        state: z.string(),
        detail: z.string().nullable(),
        started_at_ms: z.int(),
        finished_at_ms: ms,
      }),
    ),
    entries: z.array(operatorEntryAnswer),
  })
  .meta({ id: 'InspectedTask' })

export const verificationAnswer = z.object({
  ok: z.boolean(),
  accounts: z.int(),
  entries: z.int(),
  drift: z.array(z.object({ check: z.string(), id: z.string(), expected: z.string(), found: z.string() })),
})

export const statsAnswer = z.object({
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

export const reloadAnswer = modelListAnswer.extend({
  file: z
    .string()
    .nullable()
    .meta({ description: 'What was read; null: there is none, and the built-in catalogue holds.' }),
  ignored: z.array(z.string()).meta({
    description:
      'Settings of the file that changed since the start and wait for the next, as `media.retention`.',
  }),
  problems: z
    .array(z.string())
    .meta({ description: 'What is wrong beside the models: the next start would be refused for it.' }),
})
