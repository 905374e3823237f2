// What a tool is, and the arguments that are of this surface alone.
import type { ToolAnnotations } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Catalog } from '../../../../catalog/catalog.ts'
import { says } from '../../../wire/issue-words.ts'
import type { Shown, ToolCall } from '../call.ts'
import { waitSecondsMax } from './wait.ts'

export interface Tool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly annotations: ToolAnnotations
  /** Null: nothing on sale needs it. */
  input(catalog: Catalog): z.ZodObject | null
  readonly output: z.ZodObject
  run(call: ToolCall, args: Readonly<Record<string, unknown>>): Promise<Shown>
}

/** It changes nothing, and calling it again changes nothing either. */
export const readsOnly: ToolAnnotations = { readOnlyHint: true, idempotentHint: true, openWorldHint: false }
/** It spends credits. */
export const spends: ToolAnnotations = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: true,
}

const waitSecondsDefault = 30

/** Whole numbers may be in quotes: models write them so. */
const wholeNumber = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
    z.int().min(min).max(max),
  )

export const waitSeconds = z
  .preprocess(
    (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
    z.number().refine((seconds) => seconds >= 0, says('must be 0 or more', '必须不小于 0')),
  )
  .default(waitSecondsDefault)
  .transform((seconds) => Math.min(seconds, waitSecondsMax))
  .meta({
    description: `Answer when all tasks have ended, or after so many seconds with how they stand; ${waitSecondsMax} at most. 0: at once.`,
  })

export const includeImage = z.boolean().default(false).meta({
  description:
    'Put finished pictures into the answer, in base64, where they are small enough. The link is always there.',
})

export const limit = wholeNumber(1, 100).default(20).meta({ description: 'How many, at most.' })
export const status = wholeNumber(1, 4)
  .optional()
  .meta({ description: '1 queued, 2 running, 3 success, 4 failed.' })
