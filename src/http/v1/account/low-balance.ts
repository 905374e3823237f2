// Client endpoints for the balance below which the account is told.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { requireAccount } from '../../../accounts/accounts.ts'
import type { Context } from '../../../context.ts'
import { setLowBalance } from '../../../credits/low-balance.ts'
import { rateOrOff } from '../../admin/accounts/limits.ts'
import { callerOf } from '../../auth.ts'
import type { Routes } from '../../route.ts'
import { viewAccount } from '../../views.ts'

const threshold = z
  .union([z.int(), z.literal('off'), z.null()])
  .meta({ description: 'Null: as your provider has set it. `off`: never.', examples: [50] })

const lowBalanceAnswer = z.object({ low_balance: threshold }).meta({ id: 'LowBalanceThreshold' })
const given = rateOrOff.meta({
  description: 'Null: as your provider has set it. `off`: never.',
  examples: [50],
})

export function addLowBalanceRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/credits/low_balance',
    operationId: 'getLowBalance',
    tag: 'Credits',
    summary: 'Low Balance',
    description:
      'A charge that leads below it sends the webhook `balance.low`, once until the balance was above.',
    answer: lowBalanceAnswer,
    async run({ request }) {
      const { low_balance } = viewAccount(await requireAccount(ctx.db.read, callerOf(request).accountId))
      return { low_balance }
    },
  })

  routes.add(scope, {
    method: 'PUT',
    url: '/api/v1/credits/low_balance',
    operationId: 'setLowBalance',
    tag: 'Credits',
    summary: 'Set Low Balance',
    body: z.strictObject({ low_balance: given }),
    answer: lowBalanceAnswer,
    async run({ body, request }) {
      const { accountId } = callerOf(request)
      const { low_balance: wanted = null } = body
      const { low_balance } = viewAccount(await setLowBalance(ctx, accountId, wanted === 'off' ? 0 : wanted))
      return { low_balance }
    },
  })
}
