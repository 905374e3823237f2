// Client endpoints for the account's balance and ledger.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { balanceOf, listEntries } from '../../ledger/statement.ts'
import { redeemCode } from '../../credits/codes/redeem.ts'
import { callerOf } from '../auth.ts'
import { markReplayed, replayedHeaders } from '../idempotency-key.ts'
import { network } from '../limits.ts'
import { pageOf, pageQuery, readCursor } from '../paging.ts'
import type { Routes } from '../route.ts'
import { viewEntry } from '../views.ts'
import { creditsAnswer, ledgerAnswer, redeemedAnswer } from './answers.ts'

/** However a code is written. */
const codeTextMax = 200

export const entryCursor = /^[1-9]\d{0,14}$/

export function addCreditRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/credits',
    operationId: 'getCredits',
    tag: 'Credits',
    summary: 'Balance',
    answer: creditsAnswer,
    async run({ request }) {
      const { balance, inFlight, owed } = await balanceOf(ctx.db.read, callerOf(request).accountId)
      return { balance, in_flight: inFlight, ...(owed > 0 && { owed }) }
    },
  })

  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/ledger',
    operationId: 'listLedger',
    tag: 'Credits',
    summary: 'Ledger',
    description: 'Every grant, charge and refund with the balance it led to, newest first.',
    query: z.strictObject(pageQuery(entryCursor)),
    answer: ledgerAnswer,
    async run({ query, request }) {
      const rows = await entriesFor(ctx, callerOf(request).accountId, query)
      return pageOf('entries', rows.map(viewEntry), { limit: query.limit, cursorOf })
    },
  })

  addRedeemRoute(scope, ctx, routes)
}

function addRedeemRoute(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'POST',
    url: '/api/v1/credits/redeem',
    operationId: 'redeemCode',
    tag: 'Credits',
    summary: 'Redeem a Code',
    description:
      'Case, spaces, hyphens and full-width letters do not matter. A code that your account has redeemed before is answered again, with `Idempotency-Replayed: true`, and credited once; any other that cannot be redeemed is `invalid_code`. Wrong codes are bounded by account and by address.',
    body: z.strictObject({
      code: z
        .string()
        .min(1)
        .max(codeTextMax)
        .meta({ examples: ['tg-XXXXX-XXXXX-XXXXX-XXXXX'] }),
    }),
    answer: redeemedAnswer,
    documentedAnswerHeaders: replayedHeaders,
    async run({ body, request, reply }) {
      const { accountId } = callerOf(request)
      const address = network(request.ip)
      const redeemed = await redeemCode(ctx, { accountId, address, code: body.code })
      if (redeemed.replayed) markReplayed(reply)
      return { credits: redeemed.credits, balance: redeemed.balance }
    },
  })
}

/** Up to one entry more than fits on a page, to tell whether another page follows. */
export async function entriesFor(
  ctx: Context,
  accountId: string,
  query: { limit: number; cursor?: string | undefined },
) {
  const cursor = readCursor(query.cursor, entryCursor)
  const before = cursor === null ? null : Number(cursor)
  return await listEntries(ctx.db.read, { accountId, before, limit: query.limit + 1 })
}

export const cursorOf = (entry: { readonly id: number }): string => String(entry.id)
