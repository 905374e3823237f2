// The body of create as documented, from the live catalogue; the same fields read the bodies that arrive.
import { z } from 'zod'
import type { Catalog } from '../../catalog/catalog.ts'
import { createFields } from '../../catalog/fields.ts'

/** One schema for each catalogue: create and quote share it, and the document names it once. */
const bodies = new WeakMap<Catalog, z.ZodType>()

export function createBody(catalog: Catalog): z.ZodType {
  const body = bodies.get(catalog) ?? buildBody(catalog)
  bodies.set(catalog, body)
  return body
}

function buildBody({ models }: Catalog): z.ZodType {
  const documented = Object.entries(createFields).map(([name, field]) => [name, field.documented(models)])
  return z.strictObject(Object.fromEntries(documented) as z.ZodRawShape).meta({
    id: 'CreateTask',
    examples: [
      { model_id: models[0]?.id, prompt: 'a serene zen garden at sunrise, ultra detailed', image_urls: [] },
    ],
  })
}
