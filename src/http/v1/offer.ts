// Client endpoints for the model catalogue and price quotes.
import type { FastifyInstance } from 'fastify'
import { catalogFor } from '../../accounts/offer.ts'
import type { Context } from '../../context.ts'
import { quoteMinutes, quoteOrder } from '../../tasks/create/quote.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import { callerOf } from '../auth.ts'
import type { Routes } from '../route.ts'
import { viewModel, viewQuote } from '../views.ts'
import { quoteAnswer } from './answers.ts'
import { modelListAnswer } from './model-answers.ts'
import { createBody, createExamples, firstOfEachKind } from './create-body.ts'

/** One of each kind, as they are on sale. */
export const modelsExample = (catalog: Catalog) => ({
  models: firstOfEachKind(catalog).map(viewModel) as never,
})

export function addOfferRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/models',
    operationId: 'listModels',
    tag: 'Models',
    summary: 'List Models',
    description: 'Each model with the parameters it takes, what goes with what, and its price rule.',
    answer: modelListAnswer,
    answerExample: () => modelsExample(ctx.catalog.current),
    run: async ({ request }) => ({
      models: catalogFor(ctx, callerOf(request)).models.map(viewModel) as never,
    }),
  })

  routes.add(scope, {
    method: 'POST',
    url: '/api/v1/quote',
    operationId: 'quoteTask',
    tag: 'Models',
    summary: 'Quote',
    description: `Takes the body of create and answers what it would cost. Nothing is charged or ordered. A create that names \`quote_id\` within ${quoteMinutes} minutes pays no more than this, whatever the prices have become; the prompt and the pictures may be others. A quote with pictures does not hold for an order without any that needs a first frame.`,
    documentedBody: () => createBody(ctx.catalog.current),
    bodyExamples: () => createExamples(ctx.catalog.current),
    answer: quoteAnswer,
    run: async ({ request }) => viewQuote(await quoteOrder(ctx, callerOf(request), request.body)),
  })
}
