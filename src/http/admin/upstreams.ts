// Operator endpoint: how well each upstream has answered over 24 hours, and what its errors mean.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { explained } from '../../tasks/health/causes.ts'
import { upstreamHealth } from '../../tasks/health/health.ts'
import type { Answers, UpstreamHealth, Works } from '../../tasks/health/health.ts'
import type { Routes } from '../route.ts'
import { sample, seconds } from '../v1/fields.ts'
import { secondsOf } from '../views.ts'

const orders = z.int().nonnegative()
const took = z.int().nonnegative().nullable()
const words = z.object({ en: z.string(), zh: z.string() })

const answers = {
  accepted: orders.meta({ description: 'Orders that were taken.' }),
  refused: orders.meta({
    description: 'Refused for what they ask, as a prompt that is not allowed: no sign of ill health.',
  }),
  rate_limited: orders.meta({ description: 'Answered with 429.' }),
  failing: orders.meta({ description: '5xx, no answer, no connection, a refused key, or nothing clear.' }),
  median_seconds: took.meta({
    description:
      'Half of the works that were ordered then and succeeded took no longer. Null: there are none.',
  }),
}

const works = {
  succeeded: orders.meta({ description: 'Works of the orders that were taken.' }),
  failed: orders,
  median_seconds: answers.median_seconds,
  p95_seconds: took,
}

const healthAnswer = z
  .object({
    since: seconds.meta({ description: 'When the first of 96 quarters of an hour began.' }),
    upstreams: z.array(
      z.object({
        name: z.string(),
        ...answers,
        ...works,
        quarters: z
          .array(z.object({ at: seconds, ...answers }))
          .meta({ description: 'By quarter of an hour in which it was ordered, the oldest first.' }),
        troubles: z.array(
          z.object({
            cause: z.enum(Object.keys(explained) as [keyof typeof explained]),
            orders,
            last_at: seconds,
            detail: z.string().nullable().meta({ description: 'What was last answered, without secrets.' }),
            meaning: words.meta({ description: 'What it means for orders and money.' }),
            advice: words.meta({ description: 'What to do.' }),
          }),
        ),
      }),
    ),
    models: z
      .array(z.object({ model_id: z.string(), ...works }))
      .meta({ description: 'The same works by model.' }),
  })
  .meta({ id: 'UpstreamHealth' })

const answersExample = { accepted: 40, refused: 1, rate_limited: 0, failing: 1, median_seconds: 26 }
const worksExample = { succeeded: 38, failed: 2, median_seconds: 26, p95_seconds: 118 }
const healthExample = {
  since: sample.createdAt,
  upstreams: [
    {
      name: 'keevx',
      ...answersExample,
      ...worksExample,
      quarters: [{ at: sample.createdAt, ...answersExample }],
      troubles: [
        {
          cause: 'no_answer' as const,
          orders: 1,
          last_at: sample.createdAt,
          detail: 'broken: ECONNRESET',
          ...explained.no_answer,
        },
      ],
    },
  ],
  models: [{ model_id: sample.modelId, ...worksExample }],
}

const quarterSeconds = 15 * 60

export function addUpstreamRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/upstreams/health',
    operationId: 'getUpstreamHealth',
    tag: 'Operation',
    summary: 'Health of Upstreams',
    description:
      'Over 24 hours, by what was answered to the orders of each upstream. It is read from the orders of all gateways on this store; quarters of an hour that are long over may be some minutes old.',
    answer: healthAnswer,
    answerExample: () => healthExample,
    async run() {
      const { sinceMs, upstreams, models } = await upstreamHealth(ctx)
      const since = secondsOf(sinceMs)
      return {
        since,
        upstreams: upstreams.map((upstream) => viewHealth(upstream, since)),
        models: models.map((model) => ({ model_id: model.modelId, ...viewWorks(model) })),
      }
    },
  })
}

function viewHealth({ quarters, troubles, ...upstream }: UpstreamHealth, since: number) {
  return {
    name: upstream.name,
    ...viewAnswers(upstream),
    ...viewWorks(upstream),
    quarters: quarters.map((quarter, at) => ({ at: since + at * quarterSeconds, ...viewAnswers(quarter) })),
    troubles: troubles.map(({ cause, orders: count, lastAtMs, detail }) => ({
      cause,
      orders: count,
      last_at: secondsOf(lastAtMs),
      detail,
      ...explained[cause],
    })),
  }
}

const viewWorks = ({ succeeded, failed, medianSeconds, p95Seconds }: Works) => ({
  succeeded,
  failed,
  median_seconds: medianSeconds,
  p95_seconds: p95Seconds,
})

const viewAnswers = ({ accepted, refused, rateLimited, failing, medianSeconds }: Answers) => ({
  accepted,
  refused,
  rate_limited: rateLimited,
  failing,
  median_seconds: medianSeconds,
})
