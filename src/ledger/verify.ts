// The auditor: reads the whole ledger, in one committed state or slice by slice, and names whatever does not add up.
import type { Database } from '../db/database.ts'
import { createPass } from './pass/pass.ts'
import type { Lateness, PassTerms, Verification } from './pass/pass.ts'

/** For a store that nobody serves, or not for long: what is past its limit is ended once somebody does. */
export const neverLate: Lateness = { overdueMs: Number.MAX_SAFE_INTEGER, queueForMs: 0 }

/**
 * In one committed state. Needs nothing but a look: what is audited is not touched. While it runs beside a gateway,
 * the log of the store cannot be cut back.
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
  /** Called after each slice, when its snapshot has been let go. */
  rest(): Promise<void>
}

/**
 * Slice by slice, each in the newest committed state: for a store that is written to meanwhile, which may be of any
 * size. Each promise is kept in every committed state, and each is checked within one, so what changes between two
 * slices is no drift; sums of entries, which never change, are carried on.
 */
export async function verifyInSlices(
  db: Pick<Database, 'snapshot'>,
  { rest, ...terms }: Slices,
): Promise<Verification> {
  const pass = createPass(terms)
  while (await db.snapshot(pass.step)) await rest()
  return pass.found()
}
