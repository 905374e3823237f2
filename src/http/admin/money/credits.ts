// The operator's grants to an account, and its ledger.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { requireAccount } from '../../../accounts/accounts.ts'
import type { Context } from '../../../context.ts'
import { GatewayError } from '../../../errors.ts'
import { creditsMax, currencyCode, decimalAmount } from '../../../ledger/grant.ts'
import { grantCredits } from '../../../operators/credits.ts'
import { actorOf } from '../../auth.ts'
import { markReplayed, replayedHeaders } from '../../idempotency-key.ts'
import { idempotencyKeyField } from './fields.ts'
import { pageOf, pageQuery } from '../../paging.ts'
import type { Routes } from '../../route.ts'
import { cursorOf, entriesFor, entryCursor } from '../../v1/credits.ts'
import { viewOperatorEntry } from '../../views.ts'
import { oneLine, says } from '../../wire/issue-words.ts'
import { accountParams } from '../accounts/accounts.ts'
import { grantAnswer, operatorLedgerAnswer } from '../answers.ts'

const paidAmount = z
  .custom<number | string>(
    (value) => (typeof value === 'string' || typeof value === 'number') && decimalAmount.test(String(value)),
    says(
      'must be a decimal number of at most four places, such as 9.99 or "9.99"',
      '必须是最多四位小数的十进制数,例如 9.99 或 "9.99"',
    ),
  )
  .meta({
    override: {
      anyOf: [
        { type: 'string', pattern: decimalAmount.source },
        { type: 'integer', minimum: 0, maximum: 999_999_999_999 },
      ],
    },
    examples: ['9.99'],
  })
const paidCurrency = z
  .string()
  .refine(
    (code) => currencyCode.test(code),
    says('must be three capital letters, such as EUR', '必须是三个大写字母,例如 EUR'),
  )
  .meta({ override: { pattern: currencyCode.source }, examples: ['EUR'] })

const note = oneLine(z.string().trim().min(1).max(500)).optional()

export function addGrantRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'POST',
    url: '/admin/v1/accounts/{id}/credits',
    operationId: 'grantCredits',
    tag: 'Credits',
    summary: 'Grant or Take Credits',
    description:
      'Whole credits, positive or negative. What is taken beyond the balance is owed: the account is suspended, and the next credits pay it first. What bears an `idempotency_key` is done once, however often and however late it is sent again; a key is unique over all accounts.',
    params: accountParams,
    body: z
      .strictObject({
        amount: z
          .int()
          .min(-creditsMax)
          .max(creditsMax)
          .refine((amount) => amount !== 0, says('must not be 0', '不能为 0'))
          .meta({ examples: [1_000], override: { not: { const: 0 } } }),
        public_note: note.meta({ description: 'Why; shown to the customer.', examples: ['Order 2214'] }),
        private_note: note.meta({
          description: 'Why; for the operator alone.',
          examples: ['paid by transfer'],
        }),
        note: note.meta({ description: 'Another name of `private_note`.' }),
        paid: z.strictObject({ amount: paidAmount, currency: paidCurrency }).optional().meta({
          description: 'What was paid for it; for the operator alone.',
        }),
        idempotency_key: idempotencyKeyField,
      })
      .meta({
        override: { not: { properties: { note: {}, private_note: {} }, required: ['note', 'private_note'] } },
      }),
    answer: grantAnswer,
    documentedAnswerHeaders: replayedHeaders,
    status: 201,
    async run({ params, body, request, reply }) {
      const granted = await grantCredits(ctx, actorOf(request), {
        account: params.id,
        amount: body.amount,
        notes: notesOf(body),
        paid: body.paid ? { ...body.paid, amount: String(body.paid.amount) } : null,
        idempotencyKey: body.idempotency_key ?? null,
      })
      if (granted.replayed) markReplayed(reply)
      return { balance: granted.balance, owed: granted.owed, entry_id: granted.entryId }
    },
  })

  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/accounts/{id}/ledger',
    operationId: 'listAccountLedger',
    tag: 'Credits',
    summary: "An Account's Ledger",
    params: accountParams,
    query: z.strictObject(pageQuery(entryCursor)),
    answer: operatorLedgerAnswer,
    async run({ params, query }) {
      await requireAccount(ctx.db.read, params.id)
      const rows = await entriesFor(ctx, params.id, query)
      return pageOf('entries', rows.map(viewOperatorEntry), { limit: query.limit, cursorOf })
    },
  })
}

function notesOf(body: {
  private_note?: string | undefined
  note?: string | undefined
  public_note?: string | undefined
}) {
  const { private_note: privateNote, note: otherName, public_note: publicNote } = body
  if (privateNote !== undefined && otherName !== undefined && privateNote !== otherName)
    throw twoPrivateNotes()
  return { private: privateNote ?? otherName ?? null, public: publicNote ?? null }
}

const twoPrivateNotes = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'note: another name of private_note, which says something else. Send one of them. Nothing was changed.',
      zh: 'note:它是 private_note 的别名,但两者内容不同。请只发送其中一个。未作任何改动。',
    },
    { field: 'note' },
  )
