// Everything that its owner may know about a task: what was ordered, when what happened, and its entries.
import { asc, eq } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import { entriesOfTask } from '../../ledger/statement.ts'
import type { Entry } from '../../ledger/statement.ts'
import { requestById } from '../store.ts'
import { findTask } from './find.ts'
import { inputOf } from './inputs.ts'
import type { Input } from './inputs.ts'
import type { TaskColumns } from './view.ts'

export const taskEvents = ['created', 'submitted', 'finished'] as const

export interface OwnDetail {
  readonly task: TaskColumns
  readonly input: Input
  readonly keyId: string
  /** In the order of time. */
  readonly timeline: readonly { readonly event: (typeof taskEvents)[number]; readonly atMs: number }[]
  readonly entries: readonly Entry[]
}

/** Throws not_found, also for one of another account. */
export async function ownDetail(read: Connection, accountId: string, id: string): Promise<OwnDetail> {
  const task = await findTask(read, accountId, id)
  const [request] = await requestById(read, { id: task.requestId })
  if (!request) throw new Error(`task ${id} has no request`)
  const submittedAt = await submittedAtOf(read, request.id)
  return {
    task,
    input: inputOf(request),
    keyId: request.keyId,
    timeline: [
      { event: 'created', atMs: task.createdAt },
      ...(submittedAt === null ? [] : [{ event: 'submitted', atMs: submittedAt } as const]),
      ...(task.finishedAt === null ? [] : [{ event: 'finished', atMs: task.finishedAt } as const]),
    ],
    entries: await entriesOfTask(read, id),
  }
}

/** When the order was first given to an upstream; null: it never was. */
async function submittedAtOf(read: Connection, requestId: string): Promise<number | null> {
  const { attempts } = read.tables
  const [first] = await read
    .select({ at: attempts.startedAt })
    .from(attempts)
    .where(eq(attempts.requestId, requestId))
    .orderBy(asc(attempts.number))
    .limit(1)
  return first?.at ?? null
}
