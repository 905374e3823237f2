// Reloads the catalogue for an operator.
import { isDeepStrictEqual } from 'node:util'
import type { Reloaded } from '../catalog/live.ts'
import type { Context } from '../context.ts'
import type { Text } from '../errors.ts'
import { previewCatalog, reloadCatalog } from '../tasks/unreachable/reload.ts'
import { noteAct } from './act.ts'
import type { Actor } from './act.ts'

interface Wanted {
  /** Also if accounts or open tasks need what the file no longer names. */
  readonly orphan: boolean
}

/** Throws ConfigError, and then nothing has changed. It concerns this gateway alone, so it is no transaction. */
export async function reloadModels(ctx: Context, by: Actor, { orphan }: Wanted): Promise<Reloaded> {
  const before = offered(ctx)
  const reloaded = await reloadCatalog(ctx, { by: 'operator', orphan })
  const after = { ...offered(ctx), file: reloaded.file, orphan }
  await noteAct(ctx, by, { action: 'reloadModels', changed: { target: null, before, after } })
  return reloaded
}

function offered({ catalog: { current } }: Context) {
  const models = current.models.map(({ id, price }) => [id, price.text.en])
  return { models: Object.fromEntries(models) as Record<string, string>, plans: current.plans }
}

export interface ModelChange {
  readonly modelId: string
  readonly change: 'added' | 'removed' | 'changed'
  /** Its price in words; null: it is not sold. */
  readonly before: Text | null
  readonly after: Text | null
}

export interface ReloadPreview extends Reloaded {
  readonly models: readonly ModelChange[]
  /** Sections beside the models that would change: `plans`, `brand`, `catalog`. */
  readonly sections: readonly string[]
}

/** What `reloadModels` would change. Throws ConfigError as it would; nothing is changed, so nothing is noted. */
export async function previewReload(ctx: Context): Promise<ReloadPreview> {
  const { next, offer, ...read } = await previewCatalog(ctx)
  const { current, offer: inForce } = ctx.catalog
  const ids = new Set([...current.models, ...next.models].map(({ id }) => id))
  const models = [...ids].flatMap((id) => {
    const [was, is] = [current, next].map((catalog) => catalog.models.find((model) => model.id === id))
    const isSame = isDeepStrictEqual(was, is) && isDeepStrictEqual(inForce.models?.[id], offer.models?.[id])
    if (isSame) return []
    const change = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'
    return [{ modelId: id, change, before: was?.price.text ?? null, after: is?.price.text ?? null } as const]
  })
  const sections = (['plans', 'brand', 'catalog'] as const).filter(
    (section) => !isDeepStrictEqual(inForce[section], offer[section]),
  )
  return { ...read, models, sections }
}
