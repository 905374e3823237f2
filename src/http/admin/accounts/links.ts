// The operator's links: each signs a customer in to the console once.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { parseDuration } from '../../../config/quantities.ts'
import type { Context } from '../../../context.ts'
import { linkTimes, makeSignInLink } from '../../../operators/links.ts'
import { actorOf } from '../../auth.ts'
import type { Routes } from '../../route.ts'
import { seconds, text } from '../../v1/fields.ts'
import { accountParams } from './accounts.ts'

/** From a minute to 30 days. */
const linkFor = /^(?:[1-9]\d{0,3}m|(?:[1-9]\d?|[1-6]\d{2}|7[01]\d|720)h|(?:[1-9]|[12]\d|30)d)$/

const linkAnswer = z
  .object({
    url: text('https://gateway.example/console/#/link/3mZ0vQ8tYkX5nR2cWdJ7sLbE1uHpAaFg4iKoT6yBxM9').meta({
      description: 'To be sent to the customer. This answer is the only place where it is shown.',
    }),
    expires_at: seconds,
  })
  .meta({ id: 'SignInLink' })

export function addLinkRoute(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'POST',
    url: '/admin/v1/accounts/{id}/link',
    operationId: 'createLink',
    tag: 'Accounts',
    summary: 'Make a Sign-in Link',
    description:
      'A link that signs in to the console as this account, once, and is void when the account is suspended. Whoever has it is the customer: send it to nobody else. An account has 20 unused ones at most.',
    params: accountParams,
    body: z.strictObject({
      for: z
        .string()
        .regex(linkFor)
        .optional()
        .meta({
          description: 'How long it can be used, as `30m`, `72h` or `7d`, up to 30 days. Left out: 72 hours.',
          examples: ['72h'],
        }),
    }),
    answer: linkAnswer,
    status: 201,
    async run({ params, body, request }) {
      const forMs = body.for === undefined ? linkTimes.usualMs : parseDuration(body.for)
      const origin = `${request.protocol}://${request.host}`
      const { url, expiresAt } = await makeSignInLink(ctx, actorOf(request), {
        account: params.id,
        forMs,
        origin,
      })
      return { url, expires_at: Math.floor(expiresAt / 1_000) }
    },
  })
}
