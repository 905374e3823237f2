// The operator's accounts and their keys.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { changeAccount, createAccount, listAccounts, requireAccount } from '../../accounts/accounts.ts'
import { createKey, listKeys, revokeKey, testKeysOff } from '../../accounts/keys.ts'
import type { Context } from '../../context.ts'
import { conflictsNow, GatewayError } from '../../errors.ts'
import { creditsMax, grant, noNotes } from '../../ledger/grant.ts'
import { filteredPages, filterText, listOf, pageQuery, readCursor } from '../paging.ts'
import { oneLine, says } from '../wire/issue-words.ts'
import type { Routes } from '../route.ts'
import { viewAccount, viewKey } from '../views.ts'
import { sample, text } from '../v1/fields.ts'
import { accountAnswer, accountListAnswer, keyAnswer, keyListAnswer, newKeyAnswer } from './answers.ts'

const name = oneLine(z.string().trim().min(1).max(100)).meta({ examples: ['Atelier Nord'] })
export const accountParams = z.strictObject({ id: text(sample.accountId) })
const keyParams = z.strictObject({ id: text(sample.keyId) })
const accountCursor = /^acc_[0-9a-z]{27}$/
const limitsMax = 1_000_000
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
    description: 'Unix seconds. Left out or null: never.',
    examples: [expiresAtMin + 10 * 365 * 86_400],
  })

const limit = z
  .custom<number | 'off'>(
    (value) =>
      value === 'off' || (Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= limitsMax),
    says(
      `must be a whole number from 1 to ${limitsMax}, "off", or null`,
      `必须是 1 到 ${limitsMax} 的整数、"off" 或 null`,
    ),
  )
  .meta({ override: { anyOf: [{ type: 'integer', minimum: 1, maximum: limitsMax }, { const: 'off' }] } })
  .nullable()
  .optional()

export function addAccountRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'POST',
    url: '/admin/v1/accounts',
    operationId: 'createAccount',
    tag: 'Accounts',
    summary: 'Create Account',
    body: z.strictObject({
      name,
      credits: z
        .int()
        .min(0)
        .max(creditsMax)
        .optional()
        .meta({ description: 'Granted at once. Left out: 0.', examples: [1_000] }),
    }),
    answer: accountAnswer,
    status: 201,
    run: async ({ body: { name: accountName, credits = 0 } }) =>
      await ctx.db.transaction(async (tx) => {
        const nowMs = ctx.clock.now()
        const { id } = await createAccount(tx, { name: accountName, nowMs })
        if (credits > 0) {
          const first = { accountId: id, amount: credits, notes: noNotes, idempotencyKey: null, nowMs }
          await grant(tx, first)
        }
        return viewAccount(await requireAccount(tx, id))
      }),
  })

  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/accounts',
    operationId: 'listAccounts',
    tag: 'Accounts',
    summary: 'List Accounts',
    description: `Newest first. ${filteredPages}`,
    query: z.strictObject({
      ...pageQuery(accountCursor),
      query: filterText(100).optional().meta({ description: 'Part of a name, or an id.' }),
    }),
    answer: accountListAnswer,
    async run({ query }) {
      const page = await listAccounts(ctx.db.read, {
        query: query.query || null,
        before: readCursor(query.cursor, accountCursor),
        limit: query.limit,
      })
      return listOf('accounts', page, viewAccount)
    },
  })

  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/accounts/{id}',
    operationId: 'getAccount',
    tag: 'Accounts',
    summary: 'Show Account',
    params: accountParams,
    answer: accountAnswer,
    run: async ({ params }) => viewAccount(await requireAccount(ctx.db.read, params.id)),
  })

  addAccountChange(scope, ctx, routes)
}

function addAccountChange(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'PATCH',
    url: '/admin/v1/accounts/{id}',
    operationId: 'changeAccount',
    tag: 'Accounts',
    summary: 'Change Account',
    description:
      'What is left out stays as it is. A limit of null follows the configuration, `off` lifts it. `low_balance`: a charge that leads below it sends the webhook `balance.low`.',
    params: accountParams,
    body: z.strictObject({
      status: z.enum(['active', 'suspended']).optional(),
      limits: z.strictObject({ requests_per_minute: limit, tasks_in_flight: limit }).optional(),
      low_balance: limit,
    }),
    answer: accountAnswer,
    async run({ params, body }) {
      const change = {
        ...(body.status === undefined ? {} : { status: body.status }),
        ...storedLimit('requestsPerMinuteMax', body.limits?.requests_per_minute),
        ...storedLimit('tasksInFlightMax', body.limits?.tasks_in_flight),
        ...storedLimit('lowBalance', body.low_balance),
      }
      return viewAccount(await ctx.db.transaction((tx) => changeAccount(tx, params.id, change)))
    },
  })
}

function storedLimit<Name extends string>(
  column: Name,
  value: number | 'off' | null | undefined,
): Partial<Record<Name, number | null>> {
  if (value === undefined) return {}
  return { [column]: value === 'off' ? 0 : value } as Record<Name, number | null>
}

export function addKeyRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'POST',
    url: '/admin/v1/accounts/{id}/keys',
    operationId: 'createKey',
    tag: 'Keys',
    summary: 'Create Key',
    description:
      'The answer is the only place where `key` is ever shown. A test key (`test`) opens the same API against the sandbox with play credits: nothing real is ordered or charged, whatever the account has.',
    params: accountParams,
    body: z.strictObject({
      name,
      expires_at: expiresAt,
      test: z
        .boolean()
        .optional()
        .meta({ description: 'A test key, `sk-test-…`. Left out: a real one.', examples: [false] }),
    }),
    answer: newKeyAnswer,
    status: 201,
    async run({ params, body }) {
      const nowMs = ctx.clock.now()
      const until = body.expires_at == null ? null : body.expires_at * 1000
      if (until !== null && until <= nowMs) throw alreadyExpired()
      if (body.test && ctx.config.testKeys === null) throw testKeysOff('test')
      const kind = body.test ? 'test' : 'real'
      const { secret, ...key } = await ctx.db.transaction((tx) =>
        createKey(tx, { accountId: params.id, name: body.name, expiresAt: until, nowMs, kind }),
      )
      return { ...viewKey(key), key: secret }
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
    run: async ({ params }) => ({ keys: (await listKeys(ctx.db.read, params.id)).map(viewKey) }),
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
    run: async ({ params }) =>
      viewKey(await ctx.db.transaction((tx) => revokeKey(tx, params.id, ctx.clock.now()))),
  })
}

const alreadyExpired = () =>
  new GatewayError(
    'invalid_request',
    { en: 'expires_at: lies in the past.', zh: 'expires_at:该时间已过去。' },
    { field: 'expires_at', detail: conflictsNow },
  )
