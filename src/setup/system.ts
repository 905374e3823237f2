// The gateway as it runs: its version and age, the store, the disks, the newest copy, and what its setup lacks.
import { statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import { copiedAt } from '../alerts/copies.ts'
import type { Config } from '../config/config.ts'
import { shownConfig } from '../config/shown.ts'
import type { Context } from '../context.ts'
import { storeAt } from '../db/store-at.ts'
import { version } from '../version.ts'
import { setupFindings } from './findings.ts'
import type { Finding } from './findings.ts'

export interface System {
  readonly version: string
  readonly node: string
  readonly host: string
  readonly pid: number
  readonly startedAtMs: number
  readonly memoryBytes: number
  readonly database: {
    /** Its path, or its address without a password. */
    readonly name: string
    readonly kind: 'file' | 'server'
    /** Null: it has not been asked yet. */
    readonly bytes: number | null
    /** `tollgate backup` copies a file; a server is copied by its own tools. Null: never. */
    readonly copiedAtMs: number | null
  }
  readonly disks: readonly Disk[]
  readonly findings: readonly Finding[]
}

interface Disk {
  readonly folder: string
  readonly freeBytes: number
  readonly bytes: number
}

const msPerSecond = 1_000

export async function systemOf(ctx: Context): Promise<System> {
  const { db, clock, catalog } = ctx
  const config = configInForce(ctx)
  const store = storeAt(config.databaseUrl)
  return {
    version,
    node: process.versions.node,
    host: hostname(),
    pid: process.pid,
    startedAtMs: clock.now() - Math.round(process.uptime() * msPerSecond),
    memoryBytes: process.memoryUsage.rss(),
    database: {
      name: store.name,
      kind: store.isShared ? 'server' : 'file',
      bytes: db.sizeBytes(),
      copiedAtMs: await copiedAt(db.read),
    },
    disks: await disksOf(config),
    findings: setupFindings(config, catalog.current),
  }
}

/** With the names of tollgate.yaml and secrets masked; the models, plans and brand of the last reload. */
export const shownConfigInForce = (ctx: Context) => shownConfig(configInForce(ctx))

/** What was read at the start, and what a reload has replaced since. */
function configInForce({ config, catalog }: Context): Config {
  const { models, plans, catalog: builtIn, brand } = catalog.offer
  return { ...config, models, plans, catalog: builtIn, brand }
}

async function disksOf({ dataDir, databaseUrl }: Config): Promise<Disk[]> {
  const folders = new Set([dataDir, storeAt(databaseUrl).diskFolder() ?? dataDir])
  return await Promise.all(
    [...folders].map(async (folder) => {
      const { bavail, blocks, bsize } = await statfs(folder)
      return { folder, freeBytes: bavail * bsize, bytes: blocks * bsize }
    }),
  )
}
