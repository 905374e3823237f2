// `tollgate backup` and `tollgate restore`: copies of the store.
import { resolve } from 'node:path'
import { loadConfig } from '../config/config.ts'
import { backUp, restore as putInPlace } from '../db/copy.ts'
import { DatabaseRefused } from '../db/database.ts'
import { sqliteFile } from '../db/open.ts'
import { verifyLedger } from '../ledger/verify.ts'
import { print } from './exit.ts'
import type { OutputOptions } from './exit.ts'

export function backup(target: string, options: OutputOptions): void {
  const path = resolve(target)
  const bytes = backUp(sqliteFile(loadConfig().databaseUrl), path)
  print(options, { file: path, bytes }, [`${path}: ${bytes} bytes`])
}

export async function restore(source: string, options: OutputOptions): Promise<void> {
  const file = sqliteFile(loadConfig().databaseUrl)
  let entries = 0
  const { kept, bytes } = await putInPlace(file, resolve(source), async (copy) => {
    const verification = await verifyLedger(copy, ...whenever)
    if (!verification.ok) throw new DatabaseRefused(broken(source, verification.drift))
    entries = verification.entries
  })
  const before = kept === null ? 'There was none before.' : `The one before is kept as ${kept}.`
  print(options, { file, bytes, entries, kept }, [
    `${file}: ${bytes} bytes, ${entries} entries add up. ${before}`,
  ])
}

/** Open tasks of an old copy are past their limits, and the gateway ends them when it starts: none counts as late. */
const whenever = [0, { overdueMs: 0, queueForMs: 0 }] as const

function broken(source: string, drift: readonly { check: string; id: string }[]): string {
  const first = drift[0]
  return (
    `${source} breaks ${drift.length} promises of the ledger, so the store was not touched. ` +
    `The first: ${first?.check} (${first?.id}).`
  )
}
