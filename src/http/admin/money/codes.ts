// The operator's redemption codes: made in batches, listed, voided.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../../context.ts'
import { codesMax, listCodes } from '../../../credits/codes/codes.ts'
import { creditsMax } from '../../../ledger/grant.ts'
import { createCodes, endCodes } from '../../../operators/credits.ts'
import { actorOf } from '../../auth.ts'
import { filteredPages, filterText, listOf, pageQuery, readCursor } from '../../paging.ts'
import type { Routes } from '../../route.ts'
import { text } from '../../v1/fields.ts'
import { viewCode } from '../../views.ts'
import { oneLine } from '../../wire/issue-words.ts'
import { expiresAt } from '../accounts/keys.ts'
import { codeListAnswer, codeStatus, newCodesAnswer, voidedAnswer } from './answers.ts'

const codeCursor = /^code_[0-9a-z]{27}$/
const csv = 'With `Accept: text/csv` the answer is CSV.'
const tag = 'Codes'

export function addCodeRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'POST',
    url: '/admin/v1/codes',
    operationId: 'createCodes',
    tag,
    summary: 'Create Redemption Codes',
    description: `Each is worth \`credits\`, once. This answer is the only place where they are ever shown. ${csv}`,
    body: z.strictObject({
      credits: z
        .int()
        .min(1)
        .max(creditsMax)
        .meta({ examples: [500] }),
      count: z
        .int()
        .min(1)
        .max(codesMax)
        .meta({ examples: [2] }),
      expires_at: expiresAt,
      note: oneLine(z.string().trim().min(1).max(500))
        .optional()
        .meta({
          description: 'For the operator alone.',
          examples: ['For the shop, June'],
        }),
    }),
    answer: newCodesAnswer,
    status: 201,
    csv: ({ batch_id: batch, codes }) => ({
      head: ['batch_id', 'code'],
      rows: codes.map((code) => [batch, code]),
    }),
    async run({ body, request }) {
      const { batchId, codes } = await createCodes(ctx, actorOf(request), {
        credits: body.credits,
        count: body.count,
        expiresAt: body.expires_at == null ? null : body.expires_at * 1000,
        note: body.note ?? null,
      })
      return { batch_id: batchId, codes: [...codes] }
    },
  })

  addCodeList(scope, ctx, routes)

  routes.add(scope, {
    method: 'DELETE',
    url: '/admin/v1/codes/{id}',
    operationId: 'voidCodes',
    tag,
    summary: 'Void Redemption Codes',
    description: 'What is left of a batch, or one code, by its id. What was redeemed stays redeemed.',
    params: z.strictObject({ id: text('batch_0mx2l3n0q00m5w8c3s6d1z9h4k7p') }),
    answer: voidedAnswer,
    run: async ({ params, request }) => ({ voided: await endCodes(ctx, actorOf(request), params.id) }),
  })
}

function addCodeList(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/codes',
    operationId: 'listCodes',
    tag,
    summary: 'List Redemption Codes',
    description: `Newest first, with who redeemed which and when; of the codes themselves the beginning. ${filteredPages}`,
    query: z.strictObject({
      ...pageQuery(codeCursor),
      batch: filterText(64).min(1).optional().meta({ description: 'Only those of this batch.' }),
      status: codeStatus.optional(),
    }),
    answer: codeListAnswer,
    async run({ query }) {
      const page = await listCodes(ctx, {
        batchId: query.batch ?? null,
        status: query.status ?? null,
        before: readCursor(query.cursor, codeCursor),
        limit: query.limit,
      })
      return listOf('codes', page, viewCode)
    },
  })
}
