// The operator's keys: made, listed, changed and revoked.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { listKeys } from '../../../accounts/keys.ts'
import type { Context } from '../../../context.ts'
import { today } from '../../../ledger/caps/day.ts'
import { alterKey, endKey, makeKey } from '../../../operators/keys.ts'
import { actorOf } from '../../auth.ts'
import type { Routes } from '../../route.ts'
import { sample, text } from '../../v1/fields.ts'
import { viewKey } from '../../views.ts'
import { says } from '../../wire/issue-words.ts'
import { accountParams, name } from './accounts.ts'
import { keyAnswer, keyListAnswer, newKeyAnswer } from '../answers.ts'
import { keyLimits, limitsFrom } from './limits.ts'

const keyParams = z.strictObject({ id: text(sample.keyId) })
/** Unix seconds of 2026: what lies before is past for every gateway, or not in seconds. */
const expiresAtMin = 1_767_225_600
/** Unix seconds of the year 9999; a value in milliseconds, sent by mistake, is larger and is refused. */
const expiresAtMax = 253_402_300_799
/** Of keys and of codes. */
export const expiresAt = z
  .int()
  .refine((at) => at >= expiresAtMin, says('lies in the past', '该时间已过去'))
  .max(expiresAtMax)
  .meta({ override: { minimum: expiresAtMin } })
  .nullable()
  .optional()
  .meta({
    description: 'Unix seconds. Null: never.',
    examples: [expiresAtMin + 10 * 365 * 86_400],
  })

export function addKeyRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'POST',
    url: '/admin/v1/accounts/{id}/keys',
    operationId: 'createKey',
    tag: 'Keys',
    summary: 'Create Key',
    description:
      'The answer is the only place where `key` is ever shown. A cap counts what is ordered while the key has one. A test key (`test`) opens the same API against the sandbox with play credits: nothing real is ordered or charged, whatever the account has.',
    params: accountParams,
    body: z.strictObject({
      name,
      expires_at: expiresAt,
      limits: keyLimits,
      test: z
        .boolean()
        .optional()
        .meta({ description: 'A test key, `sk-test-…`. Left out: a real one.', examples: [false] }),
    }),
    answer: newKeyAnswer,
    status: 201,
    async run({ params, body, request }) {
      const { secret, ...key } = await makeKey(ctx, actorOf(request), {
        account: params.id,
        name: body.name,
        expiresAt: msOrNull(body.expires_at),
        limits: limitsFrom(body.limits, ctx.catalog.current),
        kind: body.test ? 'test' : 'real',
        words: { test: 'test', expiresAt: 'expires_at' },
      })
      return { ...viewKey(key, today(ctx)), key: secret }
    },
  })

  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/accounts/{id}/keys',
    operationId: 'listKeys',
    tag: 'Keys',
    summary: 'List Keys',
    params: accountParams,
    answer: keyListAnswer,
    async run({ params }) {
      const keys = await listKeys(ctx.db.read, params.id)
      return { keys: keys.map((key) => viewKey(key, today(ctx))) }
    },
  })

  addKeyChanges(scope, ctx, routes)
}

function addKeyChanges(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'PATCH',
    url: '/admin/v1/keys/{id}',
    operationId: 'changeKey',
    tag: 'Keys',
    summary: 'Change Key',
    description: 'What is left out stays as it is. Takes effect with the next request.',
    params: keyParams,
    body: z.strictObject({ name: name.optional(), expires_at: expiresAt, limits: keyLimits }),
    answer: keyAnswer,
    async run({ params, body, request }) {
      const change = {
        ...(body.name !== undefined && { name: body.name }),
        ...(body.expires_at !== undefined && { expiresAt: msOrNull(body.expires_at) }),
        ...limitsFrom(body.limits, ctx.catalog.current),
      }
      const key = await alterKey(ctx, actorOf(request), { key: params.id, change, expiryField: 'expires_at' })
      return viewKey(key, today(ctx))
    },
  })

  routes.add(scope, {
    method: 'DELETE',
    url: '/admin/v1/keys/{id}',
    operationId: 'revokeKey',
    tag: 'Keys',
    summary: 'Revoke Key',
    description: 'Works at once.',
    params: keyParams,
    answer: keyAnswer,
    run: async ({ params, request }) => viewKey(await endKey(ctx, actorOf(request), params.id), today(ctx)),
  })
}

export const msOrNull = (seconds: number | null | undefined): number | null =>
  seconds == null ? null : seconds * 1000
