// `tollgate doctor`: looks for what is wrong and says what to do about it.
import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { sql } from 'drizzle-orm'
import { loadConfig } from '../config/config.ts'
import type { Context, Upstream } from '../context.ts'
import { sqliteFile } from '../db/open.ts'
import { verifyLedger } from '../ledger/verify.ts'
import { overdueMs } from '../tasks/sweep.ts'
import { exitCodes, print } from './exit.ts'
import type { OutputOptions } from './exit.ts'
import { withStore } from './with-store.ts'

interface Finding {
  readonly check: string
  readonly state: 'ok' | 'warning' | 'wrong'
  readonly words: string
}

const freeBytesMin = 1024 ** 3

/** Throws ConfigError where not even the configuration can be read; else reports every finding. */
export async function doctor(options: OutputOptions): Promise<void> {
  loadConfig()
  const findings = await withStore(async (ctx) => [
    { check: 'configuration', state: 'ok', words: ctx.config.configFile ?? 'defaults and environment' } as const,
    operatorToken(ctx),
    publicUrl(ctx),
    diskSpace(ctx),
    await storeIntegrity(ctx),
    await ledger(ctx),
    ...(await Promise.all([...ctx.upstreams.values()].map(upstreamKeys))).flat(),
  ])
  const ok = findings.every(({ state }) => state !== 'wrong')
  print(
    options,
    { ok, findings },
    findings.map(({ check, state, words }) => `${state.padEnd(8)} ${check}: ${words}`),
  )
  if (!ok) process.exitCode = exitCodes.failed
}

function operatorToken({ config }: Context): Finding {
  const check = 'operator API'
  if (config.adminToken !== null) return { check, state: 'ok', words: 'on' }
  return { check, state: 'warning', words: 'off; set ADMIN_TOKEN (32 characters or more) to open it' }
}

function publicUrl({ config }: Context): Finding {
  const check = 'PUBLIC_URL'
  if (config.publicUrl !== null) return { check, state: 'ok', words: config.publicUrl }
  return { check, state: 'warning', words: 'not set: the upstream cannot call back, polling alone tells how tasks end' }
}

function diskSpace({ config }: Context): Finding {
  const folder = dirname(sqliteFile(config.databaseUrl))
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  const words = `${Math.floor(free / 1024 ** 2)} MiB free in ${folder}`
  return { check: 'disk', state: free < freeBytesMin ? 'warning' : 'ok', words }
}

async function storeIntegrity(ctx: Context): Promise<Finding> {
  const check = 'store'
  try {
    const rows = await ctx.db.snapshot((read) =>
      read.rows<{ integrity_check: string }>(sql`PRAGMA integrity_check`),
    )
    const words = rows.map((row) => row.integrity_check).join('; ')
    if (words === 'ok') return { check, state: 'ok', words: 'every page and index is whole' }
    return { check, state: 'wrong', words: `${words}. Stop the gateway and restore a backup.` }
  } catch (error) {
    return { check, state: 'wrong', words: `cannot be read: ${String(error)}. Restore a backup.` }
  }
}

async function ledger(ctx: Context): Promise<Finding> {
  const check = 'ledger'
  const { ok, accounts, entries, drift } = await verifyLedger(ctx.db, ctx.clock.now(), overdueMs)
  if (ok) return { check, state: 'ok', words: `${entries} entries of ${accounts} accounts add up` }
  return { check, state: 'wrong', words: `${drift.length} broken promises; see tollgate ledger verify` }
}

/** Asks for a task that cannot exist: the answer tells whether the key is good, and costs nothing. */
async function upstreamKeys(upstream: Upstream): Promise<Finding[]> {
  const { name, settings, adapter } = upstream
  if (settings.keys.length === 0) {
    return [{ check: name, state: 'warning', words: 'no key; only serve --sandbox will start' }]
  }
  const signal = new AbortController().signal
  return await Promise.all(
    settings.keys.map(async (key, at): Promise<Finding> => {
      const check = `${name} key ${at + 1}`
      const seen = await adapter.fetch({ operation: 'image_generate', upstreamTaskId: 'doctor' }, { key, signal })
      if (seen.kind === 'missing') return { check, state: 'ok', words: `accepted by ${settings.baseUrl}` }
      if (seen.kind === 'key_rejected') return { check, state: 'wrong', words: `rejected: ${seen.detail}` }
      const detail = 'detail' in seen ? seen.detail : seen.kind
      return { check, state: 'warning', words: `${settings.baseUrl} gave no clear answer: ${detail}` }
    }),
  )
}
