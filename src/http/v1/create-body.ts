// The body of create as documented, from the live catalogue; the same fields read the bodies that arrive.
import { z } from 'zod'
import type { Catalog } from '../../catalog/catalog.ts'
import { createFields } from '../../catalog/fields.ts'
import type { Model } from '../../catalog/listing.ts'
import { sample } from './fields.ts'

/** One schema for each catalogue: create and quote share it, and the document names it once. */
const bodies = new WeakMap<Catalog, z.ZodType>()

export function createBody(catalog: Catalog): z.ZodType {
  const body = bodies.get(catalog) ?? buildBody(catalog)
  bodies.set(catalog, body)
  return body
}

function buildBody({ models }: Catalog): z.ZodType {
  const documented = Object.entries(createFields).map(([name, field]) => [name, field.documented(models)])
  return z.strictObject(Object.fromEntries(documented) as z.ZodRawShape).meta({ id: 'CreateTask' })
}

/** The first image and the first video model on sale. */
export function firstOfEachKind({ models }: Catalog): Model[] {
  const first = (['image', 'video'] as const).map((kind) => models.find(({ taskType }) => taskType === kind))
  return first.filter((model) => model !== undefined)
}

/** Bodies of create that can be sent as they stand. */
export const createExamples = (catalog: Catalog) =>
  Object.fromEntries(
    firstOfEachKind(catalog).map(({ id, name, taskType }) => [
      taskType,
      { summary: name, value: { model_id: id, prompt: sample.prompt } },
    ]),
  )
