// The client API's response schemas, used for both serialization and documentation.
import { z } from 'zod'
import { entryKinds } from '../../db/tables.ts'
import {
  credits,
  modelId,
  nextCursor,
  requestId,
  sample,
  seconds,
  taskId,
  taskStatus,
  text,
  whole,
} from './fields.ts'

const url = z.string().nullable()

const steps = z
  .array(
    z
      .object({
        step: z.enum(['first_frame', 'video']),
        status: taskStatus,
        model_id: modelId.meta({ description: 'The model that makes this step.' }),
      })
      .meta({ id: 'TaskStep' }),
  )
  .optional()
  .meta({
    description:
      'Only for an order of a text alone to a model that needs an image: the first frame is made first, one for all outputs, and then the videos. Both are one order with one price, and if the first frame fails, all credits come back.',
  })

export const createdAnswer = z
  .object({
    task_id: taskId.meta({ description: 'The first of `task_ids`.' }),
    request_id: requestId.meta({ description: 'Of this submission; quote it when you ask for help.' }),
    credits: credits.meta({ description: 'What the whole request was charged.' }),
    task_ids: z.array(taskId).meta({ description: 'One for each output, in order.' }),
    steps,
  })
  .meta({ id: 'Created' })

export const finishedTask = {
  task_id: sample.taskId,
  task_status: 3,
  task_type: 'image',
  model_id: sample.modelId,
  image_url: sample.imageUrl,
  video_url: null,
  audio_url: null,
  credits: 15,
  created_at: sample.createdAt,
  request_id: sample.requestId,
  thumbnail_url: null,
  result_expires_at: sample.finishedAt + 30 * 24 * 60 * 60,
  result_expired: false,
  error_message: null,
  credits_refunded: 0,
  finished_at: sample.finishedAt,
  width: 2048,
  height: 2048,
  duration: null,
}

export const inputAnswer = z
  .object({
    prompt: text(sample.prompt)
      .nullable()
      .meta({ description: 'Null: it was removed, as it is kept for a limited time.' }),
    image_urls: z.array(z.string()).optional(),
    end_image_url: z.string().optional(),
    aspect_ratio: text('1:1'),
    resolution: text('2K'),
    duration: whole(8).optional(),
    generate_audio: z.boolean().optional(),
    generate_count: whole(1).optional().meta({ description: 'Only where it is more than one.' }),
  })
  .meta({
    id: 'TaskInput',
    description: 'What was ordered, by the names of create, with what the model filled in.',
    examples: [{ prompt: sample.prompt, aspect_ratio: '1:1', resolution: '2K' }],
  })

export const taskAnswer = z
  .object({
    task_id: taskId,
    task_status: taskStatus,
    task_type: z.enum(['image', 'video']),
    model_id: modelId,
    image_url: url,
    video_url: url,
    audio_url: url,
    credits: credits.meta({ description: 'What this task cost.' }),
    created_at: seconds,
    request_id: requestId,
    thumbnail_url: url,
    result_expires_at: seconds.nullable().meta({
      description: 'When the URLs shown stop working; null while there are none, or where nobody knows.',
    }),
    result_expired: z.boolean().meta({
      description:
        'The result was kept as long as was said, by us or by the upstream: the URLs are null again.',
    }),
    error_message: z.string().nullable().meta({ description: 'Why the task failed.' }),
    credits_refunded: credits.meta({
      description:
        'What came back: all of `credits` when it failed, and what the provider gave back by hand.',
    }),
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
    steps,
    input: inputAnswer.optional().meta({ description: 'Only where it is asked for.' }),
  })
  .meta({ id: 'Task', examples: [finishedTask] })

export const cancelledAnswer = z
  .object({
    task_id: taskId,
    cancelled: z.literal(true),
    credits_refunded: credits.meta({ description: 'What the task cost, given back in the same commit.' }),
  })
  .meta({ id: 'Cancelled' })

export const taskListAnswer = z
  .object({ tasks: z.array(taskAnswer), next_cursor: nextCursor })
  .meta({ id: 'TaskList' })

export const quoteAnswer = z
  .object({
    credits: credits.meta({ description: 'What all outputs would cost.' }),
    quote_id: text('quote_mx2lzk9c_f_Q3hB7Vd0sL1m').nullable().meta({
      description:
        'For `quote_id` of create: the price holds until `expires_at`. Null where no price can be promised at the moment.',
    }),
    expires_at: seconds.nullable(),
    first_frame: z
      .object({ model_id: modelId.meta({ description: 'The model that would make it.' }), credits })
      .optional()
      .meta({
        description:
          'Only where the model needs an image and none is given: a first frame would be made, and this is what of `credits` it is.',
      }),
  })
  .meta({ id: 'Quote' })

export const creditsAnswer = z
  .object({
    balance: credits.meta({ description: 'What may still be spent.', examples: [985] }),
    in_flight: credits.meta({
      description: 'Charged for tasks that have not ended; a failure brings its part back.',
    }),
    owed: credits.optional().meta({
      description:
        'Only where there is something: credits that were taken back when they were spent already. The next credits pay it first.',
      examples: [300],
    }),
  })
  .meta({ id: 'Credits' })

export const redeemedAnswer = z
  .object({
    credits: credits.meta({ description: 'What the code was worth.', examples: [500] }),
    balance: credits.meta({ description: 'The balance with it.', examples: [1_485] }),
  })
  .meta({ id: 'Redeemed' })

const chargeEntry = {
  id: 42,
  kind: 'charge',
  amount: -15,
  balance: 985,
  task_id: sample.taskId,
  public_note: null,
  created_at: sample.createdAt,
}

export const entryAnswer = z
  .object({
    id: whole(42),
    kind: z.enum(entryKinds).meta({
      description:
        '`adjust`: the operator took credits back. `manual_refund`: it gave back what a task cost. `recharge`: the task was refunded, its result came all the same, and it is charged after all. `repayment`: what is owed was paid.',
    }),
    amount: z.int().meta({ description: 'Signed credits; a charge is negative.' }),
    balance: z.int().meta({ description: 'The balance after this entry.' }),
    owed: credits.optional().meta({
      description: 'Only where the entry changed it: what the account owes after it.',
      examples: [300],
    }),
    task_id: z.string().nullable(),
    public_note: z.string().nullable().meta({ description: 'What the operator says of it.' }),
    created_at: seconds,
  })
  .meta({ id: 'Entry', examples: [chargeEntry] })

export const ledgerAnswer = z
  .object({ entries: z.array(entryAnswer), next_cursor: nextCursor })
  .meta({ id: 'Ledger' })

export const fileAnswer = z
  .object({
    url: text(sample.imageUrl).meta({ description: 'Usable in `image_urls` and `end_image_url`.' }),
    file_name: text('garden.png'),
    bytes: whole(481_203),
    expires_at: seconds.optional().meta({
      description: 'When the URL stops working; only where we keep the file.',
    }),
  })
  .meta({ id: 'UploadedFile' })
