// The operator API's response schemas for codes, refunds by hand, and work that was made and not sold.
import { z } from 'zod'
import { orphanReasons, reconcileDecisions } from '../../../db/tables.ts'
import { credits, nextCursor, sample, seconds, text, whole } from '../../v1/fields.ts'

const accountId = text(sample.accountId)

export const codeStatus = z
  .enum(['unused', 'redeemed', 'void', 'expired'])
  .meta({ id: 'CodeStatus', examples: ['redeemed'] })

export const newCodesAnswer = z
  .object({
    batch_id: text('batch_0mx2l3n0q00m5w8c3s6d1z9h4k7p'),
    codes: z.array(text('tg-XXXXX-XXXXX-XXXXX-XXXXX')).meta({ description: 'The only time they are shown.' }),
  })
  .meta({ id: 'NewCodes' })

const codeAnswer = z
  .object({
    id: text('code_0mx2l3n0q00m5w8c3s6d1z9h4k7p'),
    batch_id: text('batch_0mx2l3n0q00m5w8c3s6d1z9h4k7p'),
    prefix: text('tg-7KQ2M-…'),
    credits,
    status: codeStatus,
    expires_at: seconds.nullable(),
    redeemed_by: accountId.nullable().meta({ description: 'The account that redeemed it.' }),
    redeemed_at: seconds.nullable(),
    voided_at: seconds.nullable(),
    created_at: seconds,
    note: text('For the shop, June').nullable(),
  })
  .meta({ id: 'Code' })

export const codeListAnswer = z
  .object({ codes: z.array(codeAnswer), next_cursor: nextCursor })
  .meta({ id: 'CodeList' })

export const voidedAnswer = z
  .object({ voided: whole(12).meta({ description: 'How many were voided by this.' }) })
  .meta({ id: 'Voided' })

export const decisionWord = z
  .enum(reconcileDecisions)
  .meta({ id: 'ReconcileDecision', examples: ['keep_refund'] })

const attemptEvidence = z.object({
  id: text('att_0mx2l3n0q00m5w8c3s6d1z9h4k7p'),
  state: text('unknown'),
  detail: text('the answer was lost').nullable(),
  started_at: seconds,
})

const itemAnswer = z
  .object({
    id: text('orph_0mx2l3n0q00m5w8c3s6d1z9h4k7p'),
    kind: z.enum(['unknown_submit', 'orphan', 'late_success']).meta({
      description:
        '`unknown_submit`: refunded while nobody knew whether it was made. `late_success`: made after its refund, or although another try of its order was accepted (`refunded_at` is null then). `orphan`: no task of a customer has it.',
      examples: ['late_success'],
    }),
    task_id: text(sample.taskId).nullable(),
    request_id: text(sample.requestId),
    account_id: accountId,
    credits: credits.meta({
      description: 'What the customer was charged for it, and got back or never paid.',
    }),
    cost: z
      .number()
      .nullable()
      .meta({ description: 'In your own money; null: unknown.', examples: [null] }),
    evidence: z.object({
      reason: z.enum([...orphanReasons, 'unknown_submit']).meta({ examples: ['late_success'] }),
      upstream: text('keevx'),
      upstream_task_id: text('8f14e45fceea167a').nullable().meta({
        description: 'Null: the upstream never told one.',
      }),
      attempt_id: text('att_0mx2l3n0q00m5w8c3s6d1z9h4k7p').nullable(),
      task_state: text('failed').nullable(),
      error_message: text('The upstream took too long.').nullable(),
      error_detail: text('given up at its limit').nullable(),
      refunded_at: seconds.nullable(),
      attempts: z.array(attemptEvidence),
    }),
    decision: z
      .object({
        decision: decisionWord,
        reason: text('the customer has made it elsewhere'),
        credits: credits.meta({ description: 'What was charged again.', examples: [0] }),
        decided_at: seconds,
      })
      .nullable()
      .meta({ description: 'Null: it waits for one.' }),
    created_at: seconds,
  })
  .meta({ id: 'ReconcileItem' })

export const itemListAnswer = z
  .object({ items: z.array(itemAnswer), next_cursor: nextCursor })
  .meta({ id: 'ReconcileItemList' })

export const decidedAnswer = z
  .object({
    id: text('orph_0mx2l3n0q00m5w8c3s6d1z9h4k7p'),
    decision: decisionWord,
    task_id: text(sample.taskId).nullable().meta({ description: 'The task that was charged again.' }),
    credits: credits.meta({ description: 'What was charged again.' }),
    balance: credits.nullable().meta({ description: 'Of the account that was charged.', examples: [970] }),
  })
  .meta({ id: 'Reconciled' })

export const refundAnswer = z
  .object({ refunded: whole(5), balance: credits.meta({ examples: [990] }) })
  .meta({ id: 'RefundedByHand' })
