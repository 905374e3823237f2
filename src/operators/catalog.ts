// Reloads the catalogue for an operator.
import type { Reloaded } from '../catalog/live.ts'
import type { Context } from '../context.ts'
import { reloadCatalog } from '../tasks/unreachable/reload.ts'
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
