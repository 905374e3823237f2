// Fields that operations about credits share.
import { z } from 'zod'
import { oneLine } from '../../wire/issue-words.ts'

/** In the body: these operations also stand in the ledger under it. */
export const idempotencyKeyField = oneLine(z.string().min(1).max(255))
  .optional()
  .meta({ examples: ['order-2214'] })
