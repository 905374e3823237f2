// The shape of Replicate's API, for its clients in JavaScript and Python and for the AI SDK.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../../context.ts'
import { GatewayError } from '../../../errors.ts'
import { cancelTask } from '../../../tasks/queue/cancel.ts'
import { findOrder, listOrders } from '../../../tasks/read/orders.ts'
import type { WholeOrder } from '../../../tasks/read/orders.ts'
import { hasEnded } from '../../../tasks/state.ts'
import { callerOf } from '../../auth.ts'
import { idempotencyHeaders, replayedHeaders } from '../../idempotency-key.ts'
import { pageQuery, readCursor } from '../../paging.ts'
import type { Routes } from '../../route.ts'
import { plainDocs } from '../../wire/docs/plain-docs.ts'
import { textFor } from '../../wire/envelope.ts'
import { originOf } from '../origin.ts'
import type { ClientMeans, OptionalSurface } from '../optional.ts'
import { placeAnywhere } from '../place-anywhere.ts'
import { createOrders } from '../orders/place.ts'
import { createPrediction, predictionBody } from './create.ts'
import { addReplicateFileRoute } from './files.ts'
import { examplePrediction, predictionAnswer, showPrediction } from './prediction.ts'
import { replicateFailure, replicateWire } from './wire.ts'

const base = '/replicate/v1'
const tag = 'Replicate'

export const replicateSurface: OptionalSurface = {
  name: 'replicate',
  prefixes: ['/replicate'],
  wire: replicateWire,
  docs: plainDocs({ name: 'Replicate', wire: replicateWire, failure: replicateFailure }),
  async addRoutes(scope, ctx, means) {
    addCreateRoutes(scope, ctx, means)
    addReadRoutes(scope, ctx, means.routes)
    addCancelRoute(scope, ctx, means.routes)
    // In a scope of its own: forms are read nowhere else.
    await scope.register((files, _options, done) => {
      addReplicateFileRoute(files, ctx, means)
      done()
    })
  },
}

const preferHeader = z.object({
  Prefer: z.string().optional().meta({
    description: '`wait` or `wait=n`: answer when it has ended, or after n seconds (55 at most) with 202.',
  }),
})

const modelParams = z.strictObject({ owner: z.string(), name: z.string() })

function addCreateRoutes(scope: FastifyInstance, ctx: Context, means: ClientMeans): void {
  const { routes, patience, pictures } = means
  const creating = { patience, orders: createOrders(scope, ctx) }
  const common = {
    method: 'POST',
    tag,
    summary: 'Create a Prediction',
    documentedHeaders: preferHeader.extend(idempotencyHeaders.shape),
    documentedAnswerHeaders: replayedHeaders,
    documentedBody: () => predictionBody,
    pictures: pictures.placedBy(placeAnywhere),
    answer: predictionAnswer,
    status: 201,
    accepted: { description: 'With `Prefer: wait`: it is still being made.' },
  } as const
  routes.add(scope, {
    ...common,
    url: `${base}/models/{owner}/{name}/predictions`,
    operationId: 'createReplicatePredictionOfModel',
    description: 'The name of the model is its id here, or an alias; the owner does not matter.',
    params: modelParams,
    run: async ({ reply, params: { name } }) => await createPrediction(ctx, creating, { reply, model: name }),
  })
  routes.add(scope, {
    ...common,
    url: `${base}/predictions`,
    operationId: 'createReplicatePrediction',
    description: 'With `model` or `version` in the body.',
    run: async ({ reply }) => await createPrediction(ctx, creating, { reply, model: null }),
  })
}

const idParams = z.strictObject({ prediction_id: z.string() })

/** Replicate's pages have as many. */
const tasksOfPageMax = 100
const taskCursor = /^task_[0-9a-z]{27}$/

const listAnswer = z
  .object({
    previous: z.null(),
    next: z.string().nullable().meta({ description: 'The URL of the next page.' }),
    results: z.array(predictionAnswer),
  })
  .meta({
    id: 'ReplicatePredictions',
    examples: [
      {
        previous: null,
        next: null,
        results: [{ ...examplePrediction, output: [...examplePrediction.output] }],
      },
    ],
  })

function addReadRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: `${base}/predictions/{prediction_id}`,
    operationId: 'getReplicatePrediction',
    tag,
    summary: 'Get a Prediction',
    params: idParams,
    answer: predictionAnswer,
    async run({ request, params: { prediction_id: id } }) {
      return showPrediction(ctx, request, await findOrder(ctx.db.read, callerOf(request).accountId, id))
    },
  })
  routes.add(scope, {
    method: 'GET',
    url: `${base}/predictions`,
    operationId: 'listReplicatePredictions',
    tag,
    summary: 'List Predictions',
    description: 'All orders of the account, by whatever API they were made; newest first.',
    query: z.strictObject({ cursor: pageQuery(taskCursor).cursor }),
    answer: listAnswer,
    async run({ request, query }) {
      const { orders, next } = await listOrders(ctx.db.read, callerOf(request).accountId, {
        before: readCursor(query.cursor, taskCursor),
        tasksMax: tasksOfPageMax,
      })
      return {
        previous: null,
        next: next === null ? null : `${originOf(ctx, request)}${base}/predictions?cursor=${next}`,
        results: orders.map((order) => showPrediction(ctx, request, order)),
      }
    },
  })
}

function addCancelRoute(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'POST',
    url: `${base}/predictions/{prediction_id}/cancel`,
    operationId: 'cancelReplicatePrediction',
    tag,
    summary: 'Cancel a Prediction',
    description:
      'Cancels the outputs that still wait in our queue, and gives their credits back. What was ordered already goes on: the prediction is answered as it is then, and `logs` says so.',
    params: idParams,
    answer: predictionAnswer,
    async run({ request, params: { prediction_id: id } }) {
      const { accountId } = callerOf(request)
      const tooLate = await cancelOrder(ctx, await findOrder(ctx.db.read, accountId, id))
      const prediction = showPrediction(ctx, request, await findOrder(ctx.db.read, accountId, id))
      return tooLate === null ? prediction : { ...prediction, logs: textFor(request, tooLate.text) }
    },
  })
}

/** Why something of it could not be cancelled; null if all could, or had ended. */
async function cancelOrder(ctx: Context, { request, tasks }: WholeOrder): Promise<GatewayError | null> {
  let tooLate: GatewayError | null = null
  // The first output is cancelled last: the price of a first frame may be in it.
  for (const task of tasks.toReversed()) {
    if (hasEnded(task)) continue
    try {
      await cancelTask(ctx, request.accountId, task.id)
    } catch (error) {
      if (!(error instanceof GatewayError) || error.type !== 'too_late') throw error
      tooLate = error
    }
  }
  return tooLate
}
