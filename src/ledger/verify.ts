// The auditor: reads the whole ledger, in one committed state or slice by slice, and reports everything inconsistent.
import type { Database } from '../db/database.ts'
import { createPass } from './pass/pass.ts'
import type { Lateness, PassTerms, Verification } from './pass/pass.ts'

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
    return pass.found()
  })
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
