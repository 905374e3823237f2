// Client endpoints for the keys of one's own account.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { catalogFor } from '../../../accounts/offer.ts'
import { pageOfKeys } from '../../../accounts/keys.ts'
import type { Key } from '../../../accounts/keys.ts'
import type { Context } from '../../../context.ts'
import { today } from '../../../ledger/caps/day.ts'
import { changeOwnKey, endOwnKey, makeOwnKey } from '../../../sessions/own-keys.ts'
import type { KeyOwner } from '../../../sessions/own-keys.ts'
import { name } from '../../admin/accounts/accounts.ts'
import { keyAnswer, newKeyAnswer } from '../../admin/answers.ts'
import { expiresAt, msOrNull } from '../../admin/accounts/keys.ts'
import { keyLimits, limitsFrom } from '../../admin/accounts/limits.ts'
import { callerOf } from '../../auth.ts'
import { listOf, pageQuery, readCursor } from '../../paging.ts'
import type { Routes } from '../../route.ts'
import { viewKey } from '../../views.ts'
import { nextCursor, sample, text } from '../fields.ts'

const keyParams = z.strictObject({ id: text(sample.keyId) })
const keyCursor = /^key_[0-9a-z]{27}$/

const ownKeyAnswer = keyAnswer.omit({ account_id: true }).meta({ id: 'AccountKey' })
const newOwnKeyAnswer = newKeyAnswer.omit({ account_id: true }).meta({ id: 'NewAccountKey' })
const ownKeysAnswer = z
  .object({ keys: z.array(ownKeyAnswer), next_cursor: nextCursor.meta({ examples: [null] }) })
  .meta({ id: 'AccountKeyList' })

const whoMay =
  'A key does not make or change keys unless the operator allows it (403): sign in to the console by a link or a password.'

/** Who signed in with more than a key has shown more. */
const ownerBy = (request: FastifyRequest): KeyOwner => ({
  accountId: callerOf(request).accountId,
  shown: request.session?.role === 'customer' ? request.session.openedBy : 'key',
})

export function addOwnKeyRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  const view = (key: Key) => viewKey(key, today(ctx))
  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/keys',
    operationId: 'listAccountKeys',
    tag: 'Keys',
    summary: 'List Keys',
    description:
      'The keys of the account, newest first, with their limits, what they have used of them, and when they were last used. What each has spent is in Usage, `group=key`.',
    query: z.strictObject(pageQuery(keyCursor)),
    answer: ownKeysAnswer,
    async run({ query, request }) {
      const { accountId } = callerOf(request)
      const before = readCursor(query.cursor, keyCursor)
      return listOf('keys', await pageOfKeys(ctx.db.read, { accountId, before, limit: query.limit }), view)
    },
  })

  routes.add(scope, {
    method: 'POST',
    url: '/api/v1/keys',
    operationId: 'createAccountKey',
    tag: 'Keys',
    summary: 'Create Key',
    description: `The answer is the only place where \`key\` is ever shown. The limits of the account hold beside those of the key. ${whoMay}`,
    body: z.strictObject({
      name,
      expires_at: expiresAt,
      limits: keyLimits,
      test: z
        .boolean()
        .optional()
        .meta({ description: 'A test key, `sk-test-…`. Left out: a real one.', examples: [false] }),
    }),
    answer: newOwnKeyAnswer,
    async run({ body, request }) {
      const { secret, ...key } = await makeOwnKey(ctx, ownerBy(request), {
        name: body.name,
        expiresAt: msOrNull(body.expires_at),
        limits: limitsOf(ctx, request, body.limits),
        kind: body.test ? 'test' : 'real',
      })
      return { ...view(key), key: secret }
    },
  })

  addOwnKeyChanges(scope, ctx, routes)
}

/** Other models do not exist for the account. */
const limitsOf = (ctx: Context, request: FastifyRequest, limits: z.output<typeof keyLimits>) =>
  limits === undefined ? {} : limitsFrom(limits, catalogFor(ctx, callerOf(request)))

function addOwnKeyChanges(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  const view = (key: Key) => viewKey(key, today(ctx))
  routes.add(scope, {
    method: 'PATCH',
    url: '/api/v1/keys/{id}',
    operationId: 'changeAccountKey',
    tag: 'Keys',
    summary: 'Change Key',
    description: `What is left out stays as it is. Takes effect with the next request. ${whoMay}`,
    params: keyParams,
    body: z.strictObject({ name: name.optional(), expires_at: expiresAt, limits: keyLimits }),
    answer: ownKeyAnswer,
    async run({ params, body, request }) {
      const change = {
        ...(body.name !== undefined && { name: body.name }),
        ...(body.expires_at !== undefined && { expiresAt: msOrNull(body.expires_at) }),
        ...limitsOf(ctx, request, body.limits),
      }
      return view(await changeOwnKey(ctx, ownerBy(request), { keyId: params.id, change }))
    },
  })

  routes.add(scope, {
    method: 'DELETE',
    url: '/api/v1/keys/{id}',
    operationId: 'revokeAccountKey',
    tag: 'Keys',
    summary: 'Revoke Key',
    description:
      'Works at once, also for the key that asks, and for the sessions of the console that act as it.',
    params: keyParams,
    answer: ownKeyAnswer,
    run: async ({ params, request }) => view(await endOwnKey(ctx, callerOf(request).accountId, params.id)),
  })
}
