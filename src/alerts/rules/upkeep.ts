// Rules about the house: the ledger's audit, room on the disk, copies of the store, customers who cannot pay.
import { stat, statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import { accountsWithIds, firstAccountAt } from '../../accounts/named.ts'
import type { Context } from '../../context.ts'
import type { Auditor } from '../../ledger/auditor.ts'
import { storeAt } from '../../db/store-at.ts'
import { copiedAt } from '../copies.ts'
import { noSubject } from './rule.ts'
import type { Finding, Rule } from './rule.ts'

/** The last audit found a broken promise. */
export const ledgerDrift = (auditor: Auditor): Rule => ({
  name: 'ledger_drift',
  scope: 'process',
  afterMs: 0,
  async find() {
    const last = auditor.last()
    if (!last) return null
    if (last.ok) return []
    const checks = [...new Set(last.drift.map(({ check }) => check))].join(', ')
    return [{ subject: noSubject, facts: { promises: checks, rows: last.drift.length } }]
  },
})

const bytesPerMegabyte = 1_000_000

/** Where the store and the files lie, on the machine of this process. */
export const disk = ({ config }: Context, { belowBytes }: { readonly belowBytes: number }): Rule => ({
  name: 'disk',
  scope: 'process',
  afterMs: 0,
  async find() {
    const folders = new Set([config.dataDir, storeAt(config.databaseUrl).diskFolder() ?? config.dataDir])
    const findings: Finding[] = []
    for (const folder of folders) {
      const { bavail, bsize } = await statfs(folder)
      const freeBytes = bavail * bsize
      if (freeBytes >= belowBytes) continue
      const facts = { host: hostname(), folder, free_mb: Math.floor(freeBytes / bytesPerMegabyte) }
      findings.push({ subject: `${hostname()} ${folder}`.slice(0, subjectMax), facts })
    }
    return findings
  },
})

const subjectMax = 200
const dayMs = 24 * 60 * 60_000

interface BackupTerms {
  readonly afterMs: number
  /** What the operator's own tool writes; null: copies of `tollgate backup`. */
  readonly path: string | null
}

/** Where the store is a server of its own, other tools make copies, and only a path says something of them. */
export const backupTooOld = ({ db, config }: Context, { afterMs, path }: BackupTerms): Rule => ({
  name: 'backup_too_old',
  scope: 'store',
  afterMs: 0,
  async find(nowMs) {
    if (path === null && storeAt(config.databaseUrl).diskFolder() === null) return []
    const madeAtMs = path === null ? await copiedAt(db.read) : await changedAt(path)
    const sinceMs = madeAtMs ?? (await firstAccountAt(db.read)) ?? nowMs
    if (nowMs - sinceMs <= afterMs) return []
    const days = madeAtMs === null ? null : Math.floor((nowMs - madeAtMs) / dayMs)
    return [{ subject: noSubject, facts: { days } }]
  },
})

/** Null: there is no such file. */
async function changedAt(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** Who wanted to order within the last hour and could not pay, or spent the last credits, and has not paid since. */
export const customerAtZero = ({ db, shortages }: Context): Rule => ({
  name: 'customer_at_zero',
  scope: 'process',
  afterMs: 0,
  async find(nowMs) {
    const recent = new Map(shortages.recent(nowMs).map(({ accountId, cause }) => [accountId, cause]))
    const accounts = await accountsWithIds(db.read, [...recent.keys()])
    return accounts
      .map((account) => ({ ...account, cause: recent.get(account.id) ?? 'refused' }))
      .filter(({ cause, balance }) => cause === 'refused' || balance === 0)
      .map(({ id, name, balance, cause }) => ({ subject: id, facts: { account: id, name, balance, cause } }))
  },
})
