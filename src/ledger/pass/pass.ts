// One audit of the whole ledger, step by step: each step reads one committed state, the newest when it runs.
import { sql } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import { accountChecks, keyChecks, sharedWorkChecks, taskChecks } from '../checks.ts'
import {
  accountCoherence,
  accountKeyCoherence,
  attemptCoherence,
  closingCoherence,
  earlyCallbackCoherence,
  entryCoherence,
  keepCoherence,
  mediaCoherence,
  orphanCoherence,
  requestCoherence,
  taskCoherence,
  uploadCoherence,
} from '../coherence.ts'
import { queueChecks } from '../queued.ts'
import { capChecks } from '../caps/check.ts'
import { createBalances } from './balances.ts'
import type { Balances } from './balances.ts'
import { firstFrameChecks, stepChecks } from './first-frames.ts'
import { createFindings } from './findings.ts'
import type { Drift, Findings } from './findings.ts'
import { sealChecks } from './takings.ts'
import { sliceRowsMax, walkStep } from './walk.ts'
import type { Step, Walk } from './walk.ts'

export interface Verification {
  readonly ok: boolean
  readonly accounts: number
  readonly entries: number
  readonly drift: readonly Drift[]
}

export interface Lateness {
  /** How long past its limit an open task may be before it counts as forgotten. */
  readonly overdueMs: number
  /** The limit of tasks that no upstream has taken yet, from their creation. */
  readonly queueForMs: number
}

export interface Pass {
  /** Reads the next slice, within one state; other steps may read other states. False: all has been read. */
  readonly step: Step
  found(): Verification
}

export interface PassTerms {
  /** Limits are compared with this time, even if the pass takes long. */
  readonly nowMs: number
  readonly late: Lateness
  /** Rows per slice; smaller in tests that need several slices. */
  readonly sliceRows?: number
}

export function createPass(terms: PassTerms): Pass {
  const { sliceRows = sliceRowsMax } = terms
  const findings = createFindings()
  let steps: Step[] | null = null
  let balances: Balances | null = null
  return {
    async step(read) {
      if (!steps) {
        balances = createBalances({ ...checksOfBalances(read), sliceRows }, findings)
        steps = [
          ...walksOf(read, terms).map((walk) => walkStep({ sliceRows, ...walk }, findings)),
          ...balanceSteps(balances),
          (connection) => queueStep(connection, findings),
        ]
      }
      const [current] = steps
      if (!current) return false
      if (!(await current(read))) steps.shift()
      return steps.length > 0
    },
    found() {
      const { accounts, entries } = balances?.counts() ?? { accounts: 0, entries: 0 }
      return { ok: findings.drift.length === 0, accounts, entries, drift: findings.drift }
    },
  }
}

/** One closing covers up to a thousand entries. */
const rowsOfClosing = 100

/** One seal may be over ten thousands of rows. */
const sealsOfSlice = 4

type WalkOfPass = Omit<Walk, 'sliceRows'> & Partial<Pick<Walk, 'sliceRows'>>

/** Entries come before the accounts, which are compared with their sums. */
const balanceSteps = ({ entries, accounts }: Balances): Step[] => [entries, accounts]

const checksOfBalances = (read: Connection) => ({
  ofEntries: entryCoherence(read),
  ofAccounts: [...accountChecks(read), ...accountCoherence(read)],
})

function walksOf(read: Connection, { nowMs, late, sliceRows = sliceRowsMax }: PassTerms): WalkOfPass[] {
  const { attempts, capUses, closings, earlyCallbacks, idempotency, keeps, keys } = read.tables
  const { media, orphans, requests, rollupSeals, tasks, uploads } = read.tables
  const overdue = { overdueBefore: nowMs - late.overdueMs, queueForMs: late.queueForMs }
  const byId = ['id']
  return [
    { table: keys, key: byId, checks: accountKeyCoherence(read) },
    { table: capUses, key: ['subject'], checks: capChecks(read) },
    { table: requests, key: byId, checks: [...requestCoherence(read), ...firstFrameChecks(read)] },
    {
      table: tasks,
      key: byId,
      checks: [...taskChecks(read, overdue), ...taskCoherence(read), ...stepChecks(read)],
    },
    {
      table: tasks,
      key: ['upstream', 'upstream_task_id'],
      among: sql`c.upstream_task_id IS NOT NULL`,
      checks: sharedWorkChecks(read),
    },
    { table: attempts, key: byId, checks: attemptCoherence(read) },
    { table: orphans, key: byId, checks: orphanCoherence(read) },
    { table: earlyCallbacks, key: ['attempt_id', 'upstream_task_id'], checks: earlyCallbackCoherence(read) },
    { table: media, key: ['name'], checks: mediaCoherence(read) },
    { table: uploads, key: ['name'], checks: uploadCoherence(read) },
    { table: keeps, key: ['task_id'], checks: keepCoherence(read) },
    { table: idempotency, key: ['account_id', 'key'], checks: keyChecks(read) },
    {
      table: closings,
      key: ['first_entry'],
      checks: closingCoherence(read),
      sliceRows: Math.ceil(sliceRows / rowsOfClosing),
    },
    { table: rollupSeals, key: ['span', 'start'], checks: sealChecks(read), sliceRows: sealsOfSlice },
  ]
}

/** Cost: the length of the queue, bounded by what an upstream takes in time, not by the store's age. */
async function queueStep(read: Connection, findings: Findings): Promise<boolean> {
  for (const { check, query } of queueChecks(read)) await findings.collect(read, check, query)
  return false
}
