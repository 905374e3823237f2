// The body of create as documented, from the live catalogue; actual bodies are validated by the catalogue.
import { z } from 'zod'
import type { Catalog } from '../../catalog/catalog.ts'

/** One schema for each catalogue: create and quote share it, and the document names it once. */
const bodies = new WeakMap<Catalog, z.ZodType>()

export function createBody(catalog: Catalog): z.ZodType {
  const body = bodies.get(catalog) ?? buildBody(catalog)
  bodies.set(catalog, body)
  return body
}

function buildBody(catalog: Catalog): z.ZodType {
  const ids = catalog.models.map((model) => model.id)
  const valuesOf = (parameter: string): string[] => [
    ...new Set(catalog.models.flatMap((model) => (model.parameters[parameter]?.values ?? []).map(String))),
  ]
  const choice = (parameter: string) => z.enum(valuesOf(parameter) as [string, ...string[]]).optional()
  const promptMax = Math.max(...catalog.models.map((model) => model.parameters['prompt']?.max ?? 0))
  const countMax = Math.max(...catalog.models.map((model) => model.parameters['generate_count']?.max ?? 1))
  return z
    .strictObject({
      model_id: z.enum(ids as [string, ...string[]]).meta({ description: 'An id of GET /api/v1/models.' }),
      prompt: z.string().min(1).max(promptMax).meta({ description: 'Counted in code points.' }),
      image_urls: z.array(z.url()).default([]).meta({
        description:
          'Public http(s) URLs, or pictures as data: URIs in base64, 20 MB at most; how many, the model says.',
      }),
      end_image_url: z.url().optional().meta({ description: 'The last frame, where the model takes one.' }),
      aspect_ratio: choice('aspect_ratio'),
      resolution: choice('resolution').meta({ description: 'Case does not matter.' }),
      duration: z
        .int()
        .optional()
        .meta({ description: `Seconds, for videos: ${valuesOf('duration').join(', ')}.` }),
      generate_audio: z.boolean().optional().meta({ description: 'Videos, where the model takes it.' }),
      generate_count: z.int().min(1).max(countMax).default(1).meta({ description: 'One task each.' }),
      callback_url: z.url().optional().meta({
        description:
          'A public http(s) URL, to be told when each task ends, or what else the account has chosen.',
      }),
      max_credits: z.int().min(0).optional().meta({
        description: 'The order is refused, and costs nothing, where all outputs together cost more.',
      }),
      quote_id: z
        .string()
        .optional()
        .meta({ description: 'Of POST /api/v1/quote: what it said is the most that is charged.' }),
    })
    .meta({
      id: 'CreateTask',
      examples: [
        { model_id: ids[0], prompt: 'a serene zen garden at sunrise, ultra detailed', image_urls: [] },
      ],
    })
}
