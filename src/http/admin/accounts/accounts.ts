// The operator's accounts.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { listAccounts, requireAccount } from '../../../accounts/accounts.ts'
import type { Context } from '../../../context.ts'
import { usedOfCaps } from '../../../ledger/caps/caps.ts'
import { today } from '../../../ledger/caps/day.ts'
import { creditsMax } from '../../../ledger/grant.ts'
import { alterAccount, makeAccount } from '../../../operators/accounts.ts'
import { actorOf } from '../../auth.ts'
import { filteredPages, filterText, listOf, pageQuery, readCursor } from '../../paging.ts'
import { oneLine } from '../../wire/issue-words.ts'
import type { Routes } from '../../route.ts'
import { viewAccount, viewUse } from '../../views.ts'
import { sample, text } from '../../v1/fields.ts'
import { accountAnswer, accountListAnswer } from '../answers.ts'
import { accountLimits, limitsFrom, rateOrOff } from './limits.ts'

export const name = oneLine(z.string().trim().min(1).max(100)).meta({ examples: ['Atelier Nord'] })
export const accountParams = z.strictObject({ id: text(sample.accountId) })
const accountCursor = /^acc_[0-9a-z]{27}$/
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
    run: async ({ body: { name: accountName, credits = 0 }, request }) =>
      viewAccount(await makeAccount(ctx, actorOf(request), { name: accountName, credits })),
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
    async run({ params }) {
      const account = await requireAccount(ctx.db.read, params.id)
      const used = await usedOfCaps(ctx.db.read, account.id)
      return { ...viewAccount(account), used: viewUse(used, today(ctx)) }
    },
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
    description: 'What is left out stays as it is. Takes effect with the next request.',
    params: accountParams,
    body: z.strictObject({
      status: z.enum(['active', 'suspended']).optional(),
      limits: accountLimits,
      plan: z
        .string()
        .min(1)
        .max(64)
        .nullable()
        .optional()
        .meta({ description: 'A name of `plans` in tollgate.yaml; null: none.' }),
      low_balance: rateOrOff.meta({
        description:
          'A charge that leads below it sends the webhook `balance.low`. Null: as configured for everyone.',
      }),
    }),
    answer: accountAnswer,
    async run({ params, body, request }) {
      const change = {
        ...(body.status === undefined ? {} : { status: body.status }),
        ...limitsFrom(body.limits, ctx.catalog.current),
        ...(body.plan === undefined ? {} : { plan: body.plan }),
        ...(body.low_balance === undefined
          ? {}
          : { lowBalance: body.low_balance === 'off' ? 0 : body.low_balance }),
      }
      return viewAccount(await alterAccount(ctx, actorOf(request), { account: params.id, change }))
    },
  })
}
