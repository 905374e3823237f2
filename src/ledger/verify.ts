// The auditor: reads the whole ledger, in one committed state or slice by slice, and reports everything inconsistent.
import type { Database } from '../db/database.ts'
import { quarterMs } from '../db/tables.ts'
import { createPass } from './pass/pass.ts'
import type { Lateness, PassTerms, Verification } from './pass/pass.ts'
import { figures } from './reports/figures.ts'
import { differences } from './reports/rebuild.ts'
import type { Difference } from './reports/rebuild.ts'

/** For a store that is not served, or not for long: a running gateway ends tasks past their limit. */
export const neverLate: Lateness = { overdueMs: Number.MAX_SAFE_INTEGER, queueForMs: 0 }

/**
 * In one committed state, and read-only. While it runs beside a gateway, the log of the store cannot be
 * truncated.
 */
export async function verifyLedger(
  db: Pick<Database, 'snapshot'>,
  nowMs: number,
  late: Lateness,
): Promise<Verification> {
  return await db.snapshot(async (read) => {
    const pass = createPass({ nowMs, late })
    while (await pass.step(read));
    return withReports(pass.found(), await differences(read, differencesMax))
  })
}

/** A thousand lines say no more than the first hundred. */
const differencesMax = 100

/** Reads all rows that reports are made of at once: in slices of several states, they could not be compared. */
function withReports(found: Verification, different: readonly Difference[]): Verification {
  const drift = different.map(({ account_id: account, quarter, leak, ...rest }) => ({
    check: 'reports hold what tasks and entries add up to',
    id: `${account} ${new Date(quarter * quarterMs).toISOString()} ${rest.model_id} ${rest.upstream} ${rest.key_id} ${leak}`.trim(),
    expected: 'no difference',
    found: figures.flatMap((name) => (rest[name] === 0 ? [] : [`${name} ${rest[name]}`])).join(', '),
  }))
  return { ...found, ok: found.ok && drift.length === 0, drift: [...found.drift, ...drift] }
}

export interface Slices extends PassTerms {
  /** Called after each slice, when its snapshot has been released. */
  rest(): Promise<void>
}

/**
 * Slice by slice, each in the newest committed state: for a store of any size that is being written to. Each
 * promise holds in every committed state, and is checked within one, so a change between two slices is not
 * drift; sums of entries, which never change, are carried on.
 */
export async function verifyInSlices(
  db: Pick<Database, 'snapshot'>,
  { rest, ...terms }: Slices,
): Promise<Verification> {
  const pass = createPass(terms)
  while (await db.snapshot(pass.step)) await rest()
  return pass.found()
}
