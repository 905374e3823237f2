// Reloads the catalogue, unless the file in its present form would leave open tasks behind at the next start.
import type { Preview, Reloaded, ReloadedBy } from '../../catalog/live.ts'
import { rereadConfig } from '../../config/config.ts'
import type { Config } from '../../config/config.ts'
import { ConfigError } from '../../config/problems.ts'
import { untilWritten } from '../../config/file/whole-file.ts'
import type { Context } from '../../context.ts'
import { refreshSites } from '../../upstream/openapi/catalogue.ts'
import { requireReachAfter } from './refuse.ts'

export interface Reload {
  readonly by: ReloadedBy
  /** Reload even if open tasks name an upstream or a key that is no longer in the file. */
  readonly orphan?: boolean
}

const siteUnread = 'a site that models lead to did not say what it sells: its last answer counts'

/** Throws ConfigError, and then nothing has changed. */
export async function reloadCatalog(ctx: Context, reload: Reload): Promise<Reloaded> {
  await requireReachWith(ctx, reload)
  for (const problem of await refreshSites(ctx.config)) ctx.log.warn({ problem }, siteUnread)
  return ctx.catalog.reload(reload.by)
}

/** Throws as a reload by the operator would, and changes nothing: of sites the last answer counts. */
export async function previewCatalog(ctx: Context): Promise<Preview> {
  await requireReachWith(ctx, { by: 'operator' })
  return ctx.catalog.preview()
}

async function requireReachWith(ctx: Context, { by, orphan = false }: Reload): Promise<void> {
  if (by === 'operator') await untilWritten(ctx.config.configPlace)
  const next = orphan ? null : nextConfig(ctx.config)
  if (next) await requireReachAfter(ctx.db.read, next, ctx.config)
}

/** Null if the file is not valid: no start can use it, so it leaves nothing behind. */
function nextConfig(config: Config): Config | null {
  try {
    return rereadConfig(config)
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}
