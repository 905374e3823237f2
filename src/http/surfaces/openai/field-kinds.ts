// Kinds of fields that arrive as JSON or as the text of a form.
import { z } from 'zod'

/** Read as a number by the create, which says what is wrong with it. */
export const wholeOrText = z.union([z.number(), z.string()])

export const flag = z
  .union([z.boolean(), z.enum(['true', 'false'])])
  .transform((value) => value === true || value === 'true')

/** Any text or null: nothing is done with it. */
export const unusedText = z.string().optional()

export const noEffect = { description: 'Accepted, without effect.' }

/** Fields of an order, whatever is made. */
export const orderFields = {
  model: z.string().meta({ description: 'An id or alias of GET /v1/models.' }),
  prompt: z.string(),
  aspect_ratio: z.string().optional().meta({ description: 'Wins over `size`.' }),
  resolution: z.string().optional().meta({ description: 'Wins over `size`.' }),
  callback_url: z.string().optional(),
  max_credits: wholeOrText.optional(),
  user: unusedText.meta(noEffect),
}

/** A field that is null, or undefined, counts as left out. What is no object stays, to be refused. */
export function given(fields: unknown): Readonly<Record<string, unknown>> {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return fields as never
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  )
}
