// The models that operators name in limits and plans.
import type { Catalog } from '../catalog/catalog.ts'
import { conflictsNow, GatewayError } from '../errors.ts'

/** Limits are kept by ids, because aliases may change. Throws invalid_request for a name that no model has. */
export function modelIdsOf(catalog: Catalog, names: readonly string[], field: string): string[] {
  return names.map((name) => {
    const model = catalog.model(name)
    if (model) return model.id
    const known = catalog.models.map(({ id }) => id).join(', ')
    throw new GatewayError(
      'invalid_request',
      {
        en: `${field}: no model is called "${name}". Models: ${known}. Nothing was changed.`,
        zh: `${field}:没有名为“${name}”的模型。可用模型:${known}。未作任何改动。`,
      },
      { field, detail: conflictsNow },
    )
  })
}
