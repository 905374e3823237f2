// The operator API's response schemas.
import { z } from 'zod'
import { entryAnswer, finishedTask, taskAnswer } from '../v1/answers.ts'
import { modelListAnswer } from '../v1/model-answers.ts'
import { credits, nextCursor, sample, seconds, taskStatus, text, whole } from '../v1/fields.ts'

const limit = z
  .union([z.int(), z.literal('off'), z.null()])
  .meta({ description: 'Null: as configured for everyone. `off`: none.', examples: [null] })
const accountId = text(sample.accountId)

const noneOr = (schema: z.ZodType) => schema.nullable().meta({ examples: [null] })
const orderLimits = {
  credits_total: noneOr(z.int()),
  credits_per_day: noneOr(z.int()),
  models: noneOr(z.array(z.string())),
  cidrs: noneOr(z.array(z.string())),
}
const used = z
  .object({ credits_total: whole(120), credits_today: whole(15), tasks_in_flight: whole(1) })
  .nullable()
  .meta({ description: 'What was ordered while there was a cap; null: nothing.', examples: [null] })

export const accountAnswer = z
  .object({
    id: accountId,
    name: text('Atelier Nord'),
    status: z.enum(['active', 'suspended']),
    balance: credits.meta({ examples: [985] }),
    owed: credits.meta({
      description: 'Credits that were taken back when they were spent already; the next ones pay them first.',
      examples: [0],
    }),
    low_balance: limit.meta({
      description: 'Below it `balance.low` is sent. Null: as configured. `off`: never.',
    }),
    tasks_in_flight: whole(1),
    limits: z.object({ requests_per_minute: limit, tasks_in_flight: limit, ...orderLimits }),
    plan: text('vip')
      .nullable()
      .meta({ description: 'Of `plans` in tollgate.yaml; null: none.', examples: [null] }),
    used: used.optional().meta({ description: 'Only where one account is asked for.' }),
    created_at: seconds,
    erased_at: seconds.optional().meta({ description: 'Only of an account that was erased.' }),
  })
  .meta({ id: 'Account' })

export const accountListAnswer = z
  .object({ accounts: z.array(accountAnswer), next_cursor: nextCursor })
  .meta({ id: 'AccountList' })

export const keyAnswer = z
  .object({
    id: text(sample.keyId),
    account_id: accountId,
    name: text('shop'),
    prefix: text('sk-7Jq2'),
    test: z.boolean().meta({
      description: 'A test key: the sandbox and play credits. Nothing real is ordered or charged.',
      examples: [false],
    }),
    expires_at: seconds.nullable().meta({ examples: [null] }),
    revoked_at: seconds.nullable().meta({ examples: [null] }),
    created_at: seconds,
    last_used_at: seconds.nullable().meta({ description: 'To the minute; null: never.' }),
    limits: z
      .object({ requests_per_minute: noneOr(z.int()), tasks_in_flight: noneOr(z.int()), ...orderLimits })
      .meta({ description: 'Null: no such limit.' }),
    used,
  })
  .meta({ id: 'Key' })

export const newKeyAnswer = keyAnswer
  .extend({
    key: text('sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx').meta({ description: 'The only time it is shown.' }),
  })
  .meta({ id: 'NewKey' })

export const keyListAnswer = z.object({ keys: z.array(keyAnswer) }).meta({ id: 'KeyList' })

export const grantAnswer = z
  .object({
    balance: credits.meta({ examples: [1_000] }),
    owed: credits.meta({ description: 'What the account owes now.', examples: [0] }),
    entry_id: whole(41),
  })
  .meta({ id: 'Granted' })

const grantEntry = {
  id: 41,
  kind: 'grant',
  amount: 1_000,
  balance: 1_000,
  task_id: null,
  public_note: 'Order 2214',
  created_at: sample.createdAt,
  private_note: 'paid by transfer',
  note: 'paid by transfer',
}

const operatorEntryAnswer = entryAnswer
  .extend({
    private_note: z.string().nullable().meta({ description: 'For the operator alone.' }),
    note: z.string().nullable().meta({ description: 'Another name of `private_note`.' }),
    paid: z
      .object({ amount: text('9.99'), currency: text('EUR') })
      .optional()
      .meta({ description: 'What was paid for a grant.' }),
  })
  .meta({ id: 'OperatorEntry', examples: [grantEntry] })

export const operatorLedgerAnswer = z
  .object({ entries: z.array(operatorEntryAnswer), next_cursor: nextCursor })
  .meta({ id: 'OperatorLedger' })

/** Milliseconds, not seconds: the operator needs exact times to find out what happened. */
const ms = z.int().nullable()

const storedTask = {
  ...finishedTask,
  account_id: sample.accountId,
  state: 'succeeded',
  upstream: 'keevx',
  upstream_task_id: '8f14e45fceea167a',
  error_detail: null,
  polls_made: 4,
  next_poll_at_ms: null,
  give_up_at_ms: (sample.createdAt + 20 * 60) * 1000,
  cost: 0.04,
}

const operatorTaskAnswer = taskAnswer
  .extend({
    account_id: z.string(),
    state: z.string().meta({
      description: 'The state inside; `task_status` is what the client sees of it.',
    }),
    upstream: z.string(),
    upstream_task_id: z.string().nullable(),
    error_detail: z.string().nullable().meta({ description: 'What lay behind `error_message`.' }),
    polls_made: z.int(),
    next_poll_at_ms: ms,
    give_up_at_ms: ms,
    cost: z.number().nullable().meta({
      description:
        'What its work costs you, in `reporting.currency`, fixed when it was ordered. Null: unknown.',
    }),
  })
  .meta({ id: 'OperatorTask', examples: [storedTask] })

export const operatorTaskListAnswer = z
  .object({ tasks: z.array(operatorTaskAnswer), next_cursor: nextCursor })
  .meta({ id: 'OperatorTaskList' })

const inspectedTask = {
  ...storedTask,
  request: {
    id: sample.requestId,
    state: 'accepted',
    key_id: sample.keyId,
    plan: null,
    order: { model_id: sample.modelId, prompt: sample.prompt, generate_count: 1 },
    callback_url: null,
    text_removed_at_ms: null,
    due_at_ms: null,
  },
  attempts: [
    {
      id: 'att_0mx2l3n0q00m5w8c3s6d1z9h4k7p',
      number: 1,
      upstream_key: '3f1c9a7e',
      state: 'accepted',
      detail: null,
      started_at_ms: sample.createdAt * 1000,
      finished_at_ms: sample.createdAt * 1000 + 810,
    },
  ],
  entries: [],
}

const attempts = z.array(
  z.object({
    id: z.string(),
    number: z.int(),
    upstream_key: z.string().meta({ description: 'A fingerprint of the key, not the key.' }),
    state: z.string(),
    detail: z.string().nullable(),
    started_at_ms: z.int(),
    finished_at_ms: ms,
  }),
)

export const taskDetailAnswer = operatorTaskAnswer
  .extend({
    request: z.object({
      id: z.string(),
      state: z.string(),
      key_id: z.string(),
      plan: z.string().nullable().meta({ description: 'The plan by which it was priced; null: none.' }),
      order: z.record(z.string(), z.unknown()),
      callback_url: z.string().nullable(),
      text_removed_at_ms: ms.meta({
        description:
          'When what the customer wrote was removed (`privacy.prompts`, or the account was erased): prompt and callback_url are null, imageUrls empty. Null: it is there.',
      }),
      due_at_ms: ms,
    }),
    attempts,
    steps: z
      .array(
        z.object({
          step: z.enum(['first_frame', 'video']),
          status: taskStatus,
          state: z.string(),
          model_id: z.string(),
          task_id: z.string(),
          request_id: z.string(),
          credits: credits.nullable().meta({
            description: 'What of the order’s price is for the first frame, over all outputs.',
          }),
          upstream: z.string(),
          upstream_task_id: z.string().nullable(),
          order: z.record(z.string(), z.unknown()),
          image_url: z.string().nullable(),
          error_message: z.string().nullable(),
          error_detail: z.string().nullable(),
          attempts,
        }),
      )
      .optional()
      .meta({
        description: 'Only of an order that made its first frame first: both steps, each as it was ordered.',
      }),
    first_frame_of: z
      .object({
        request_id: z.string(),
        task_ids: z.array(z.string()),
        credits: credits.meta({
          description: 'What of that order’s price this is; `credits` of the task is 0.',
        }),
      })
      .optional()
      .meta({ description: 'Only of the task of a first frame: the order that it is made for.' }),
    entries: z.array(operatorEntryAnswer),
  })
  .meta({ id: 'InspectedTask', examples: [inspectedTask] })

export const verificationAnswer = z
  .object({
    ok: z.boolean(),
    accounts: whole(12),
    entries: whole(3_481),
    drift: z
      .array(z.object({ check: z.string(), id: z.string(), expected: z.string(), found: z.string() }))
      .meta({ examples: [[]] }),
  })
  .meta({ id: 'Verification' })

export const reloadAnswer = modelListAnswer
  .extend({
    file: text('/srv/tollgate/tollgate.yaml')
      .nullable()
      .meta({ description: 'What was read; null: there is none, and the built-in catalogue holds.' }),
    ignored: z.array(z.string()).meta({
      description:
        'Settings of the file that changed since the start and wait for the next, as `media.retention`.',
      examples: [[]],
    }),
    problems: z.array(z.string()).meta({
      description: 'What is wrong beside the models: the next start would be refused for it.',
      examples: [[]],
    }),
  })
  .meta({ id: 'Reloaded' })

const priceWords = z.object({ en: z.string(), zh: z.string() }).nullable()

export const previewAnswer = reloadAnswer
  .omit({ models: true })
  .extend({
    models: z.array(
      z.object({
        model_id: z.string(),
        change: z.enum(['added', 'removed', 'changed']),
        before: priceWords.meta({ description: 'Its price now; null: it is not sold.' }),
        after: priceWords.meta({ description: 'Its price by the file.' }),
      }),
    ),
    sections: z.array(z.string()).meta({
      description: 'What else would change: `plans`, `brand`, `catalog`.',
      examples: [[]],
    }),
  })
  .meta({ id: 'ReloadPreview' })
