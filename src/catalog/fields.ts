// The fields of a create, each in one place: how it is normalized, read and documented.
import { z } from 'zod'
import type { UrlCheck } from '../net/url.ts'
import {
  missing,
  plainList,
  plainNumber,
  plainUrl,
  readFlag,
  readImageUrls,
  readPrompt,
  readText,
  readUrl,
  readWhole,
} from './values.ts'

/** The upstream fetches images; we call callbacks. */
export interface UrlChecks {
  readonly image: UrlCheck
  readonly callback: UrlCheck
}

/** What the document tells of a model on sale. */
interface Sold {
  readonly id: string
  readonly name: string
  readonly parameters: Readonly<
    Record<string, { readonly values?: readonly (string | number | boolean)[]; readonly max?: number }>
  >
}

interface Field<Value> {
  /** The value without harmless variants; null: as if left out. Fields without it are read as they are. */
  readonly plain?: (value: unknown) => unknown
  /** Throws `invalid_request` that names the field; the models' own rules are checked later. */
  readonly read: (value: unknown, check: UrlChecks) => Value
  /** For OpenAPI, from the models on sale. */
  readonly documented: (models: readonly Sold[]) => z.ZodType
}

const field = <Value>(parts: Field<Value>): Field<Value> => parts

export const createFields = {
  model_id: field({
    read: (value) => readText('model_id', value) ?? missing('model_id'),
    // Not an enum: a client that was generated yesterday orders a model that came today.
    documented: (models) =>
      z.string().meta({
        description: `An id of GET /api/v1/models. On sale: ${models.map(({ id, name }) => `\`${id}\` (${name})`).join(', ')}.`,
        examples: models.map(({ id }) => id),
      }),
  }),
  prompt: field({
    read: readPrompt,
    documented: (models) =>
      z
        .string()
        .min(1)
        .max(highest(models, 'prompt', 0))
        .meta({ description: 'Counted in code points.' }),
  }),
  image_urls: field({
    plain: plainList,
    read: (value, check) => readImageUrls(value, check.image),
    documented: () =>
      // Some generators make a field with a default a required one.
      z.array(z.url()).optional().meta({
        description:
          'Public http(s) URLs, or pictures as data: URIs in base64, 20 MB at most; how many, the model says. Left out: none.',
      }),
  }),
  end_image_url: field({
    plain: plainUrl,
    read: (value, check) => readUrl('end_image_url', value, check.image),
    documented: () => z.url().optional().meta({ description: 'The last frame, where the model takes one.' }),
  }),
  aspect_ratio: field({
    read: (value) => readText('aspect_ratio', value),
    documented: (models) => choice(models, 'aspect_ratio'),
  }),
  resolution: field({
    read: (value) => readText('resolution', value),
    documented: (models) => choice(models, 'resolution', ' Case does not matter.'),
  }),
  duration: field({
    plain: plainNumber,
    read: (value) => readWhole('duration', value),
    documented: (models) =>
      z
        .int()
        .optional()
        .meta({ description: `Seconds, for videos: ${valuesOf(models, 'duration').join(', ')}.` }),
  }),
  generate_audio: field({
    read: (value) => readFlag('generate_audio', value),
    documented: () => z.boolean().optional().meta({ description: 'Videos, where the model takes it.' }),
  }),
  generate_count: field({
    plain: plainNumber,
    read: (value) => readWhole('generate_count', value) ?? 1,
    documented: (models) =>
      z
        .int()
        .min(1)
        .max(highest(models, 'generate_count', 1))
        .optional()
        .meta({ description: 'How many outputs, one task each. Left out: 1.' }),
  }),
  callback_url: field({
    plain: plainUrl,
    read: (value, check) => readUrl('callback_url', value, check.callback),
    documented: () =>
      z.url().optional().meta({
        description:
          'A public http(s) URL. It is called when a task ends, and for every other event that the account has chosen.',
      }),
  }),
  max_credits: field({
    plain: plainNumber,
    read: (value) => readWhole('max_credits', value, 0),
    documented: () =>
      z.int().min(0).optional().meta({
        description: 'The order is refused, and costs nothing, where all outputs together cost more.',
      }),
  }),
  quote_id: field({
    plain: plainUrl,
    read: (value) => readText('quote_id', value),
    documented: () =>
      z
        .string()
        .optional()
        .meta({ description: 'Of POST /api/v1/quote: what it said is the most that is charged.' }),
  }),
}

export type FieldName = keyof typeof createFields

export const fieldNames = Object.keys(createFields) as FieldName[]

const valuesOf = (models: readonly Sold[], name: string): string[] => [
  ...new Set(models.flatMap(({ parameters }) => (parameters[name]?.values ?? []).map(String))),
]

/** Open like `model_id`, and for the same reason. */
const choice = (models: readonly Sold[], name: string, more = '') => {
  const values = valuesOf(models, name)
  const listed = values.map((value) => `\`${value}\``).join(', ')
  return z
    .string()
    .optional()
    .meta({ description: `Which of them, the model says: ${listed}.${more}`, examples: values })
}

const highest = (models: readonly Sold[], name: string, otherwise: number): number =>
  Math.max(...models.map(({ parameters }) => parameters[name]?.max ?? otherwise))
