// The rows of requests and tasks, and the statements of the hot paths.
import { and, eq, sql } from '../db/drizzle.ts'
import type { Connection, Tx } from '../db/database.ts'
import { conditionalUpdate, conditionalUpdateOfIds, statement } from '../db/statement.ts'
import type { Tables } from '../db/tables.ts'
import { mayBecome } from './state.ts'
import type { TaskState } from './state.ts'

/** Without what versions before `polls` kept in the row. */
export type TaskRow = Omit<Tables['tasks']['$inferSelect'], 'dueAt' | 'missingInRow' | 'lastLooks'>
export type PollRow = Tables['polls']['$inferSelect']
export type RequestRow = Tables['requests']['$inferSelect']

export type NewRequest = Pick<
  RequestRow,
  | 'id'
  | 'accountId'
  | 'keyId'
  | 'modelId'
  | 'taskType'
  | 'upstream'
  | 'order'
  | 'callbackUrl'
  | 'callbackForm'
  | 'createdAt'
> & {
  /** `waiting`: for its first frame. */
  readonly state: 'queued' | 'waiting'
} & Partial<Pick<RequestRow, 'firstFrameOf' | 'firstFrameCredits' | 'plan'>>

/** Stored as queued and due at once, or as waiting. */
export async function insertRequest(tx: Tx, request: NewRequest): Promise<void> {
  await requestInsert(tx, { firstFrameOf: null, firstFrameCredits: null, plan: null, ...request })
}

const requestInsert = statement('request_insert', (tx) =>
  tx.insert(tx.tables.requests).values({
    id: sql.placeholder('id'),
    accountId: sql.placeholder('accountId'),
    keyId: sql.placeholder('keyId'),
    modelId: sql.placeholder('modelId'),
    taskType: sql.placeholder('taskType'),
    upstream: sql.placeholder('upstream'),
    order: sql.placeholder('order'),
    callbackUrl: sql.placeholder('callbackUrl'),
    callbackForm: sql.placeholder('callbackForm'),
    state: sql.placeholder('state'),
    dueAt: sql.placeholder('createdAt'),
    attemptsMade: 0,
    retriesMade: 0,
    failuresInRow: 0,
    createdAt: sql.placeholder('createdAt'),
    firstFrameOf: sql.placeholder('firstFrameOf'),
    firstFrameCredits: sql.placeholder('firstFrameCredits'),
    plan: sql.placeholder('plan'),
  }),
)

export type NewTask = Pick<
  TaskRow,
  | 'id'
  | 'requestId'
  | 'accountId'
  | 'modelId'
  | 'taskType'
  | 'credits'
  | 'upstream'
  | 'operation'
  | 'step'
  | 'cost'
  | 'createdAt'
> &
  Partial<Pick<TaskRow, 'keyCapDay' | 'accountCapDay'>>

export async function insertTask(tx: Tx, task: NewTask): Promise<void> {
  await taskInsert(tx, { keyCapDay: null, accountCapDay: null, ...task })
}

const taskInsert = statement('task_insert', (tx) =>
  tx.insert(tx.tables.tasks).values({
    id: sql.placeholder('id'),
    requestId: sql.placeholder('requestId'),
    accountId: sql.placeholder('accountId'),
    modelId: sql.placeholder('modelId'),
    taskType: sql.placeholder('taskType'),
    state: 'queued',
    credits: sql.placeholder('credits'),
    creditsRefunded: 0,
    upstream: sql.placeholder('upstream'),
    operation: sql.placeholder('operation'),
    upstreamPending: true,
    pollsMade: 0,
    missingInRow: 0,
    lastLooks: 0,
    step: sql.placeholder('step'),
    keyCapDay: sql.placeholder('keyCapDay'),
    accountCapDay: sql.placeholder('accountCapDay'),
    cost: sql.placeholder('cost'),
    createdAt: sql.placeholder('createdAt'),
  }),
)

/** The tasks of a request, sorted by id, which is the order of its outputs. */
export async function tasksOfRequest(
  read: Connection,
  of: { readonly requestId: string },
): Promise<TaskRow[]> {
  const tasks = await tasksUnsorted(read, of)
  return tasks.length > 1 ? tasks.toSorted((a, b) => (a.id < b.id ? -1 : 1)) : tasks
}

/** Sorted in JavaScript: mostly there is one task, and the store's sorter costs many times the read. */
const tasksUnsorted = statement<TaskRow>('tasks_of_request', (read) =>
  read
    .select()
    .from(read.tables.tasks)
    .where(eq(read.tables.tasks.requestId, sql.placeholder('requestId'))),
)

export const requestById = statement<RequestRow>('request_by_id', (read) =>
  read
    .select()
    .from(read.tables.requests)
    .where(eq(read.tables.requests.id, sql.placeholder('id'))),
)

export const taskById = statement<TaskRow>('task_by_id', (read) =>
  read
    .select()
    .from(read.tables.tasks)
    .where(eq(read.tables.tasks.id, sql.placeholder('id'))),
)

/** The request that owns an upstream task id. */
export const requestOfUpstreamId = statement<Pick<TaskRow, 'requestId'>>('request_of_upstream_id', (read) => {
  const { tasks } = read.tables
  return read
    .select({ requestId: tasks.requestId })
    .from(tasks)
    .where(
      and(
        eq(tasks.upstream, sql.placeholder('upstream')),
        eq(tasks.upstreamTaskId, sql.placeholder('upstreamTaskId')),
      ),
    )
    .limit(1)
})

export const taskByUpstreamId = statement<TaskRow>('task_by_upstream_id', (read) => {
  const { tasks } = read.tables
  return read
    .select()
    .from(tasks)
    .where(
      and(
        eq(tasks.upstream, sql.placeholder('upstream')),
        eq(tasks.upstreamTaskId, sql.placeholder('upstreamTaskId')),
      ),
    )
})

const updateRequest = conditionalUpdate({ table: 'requests', by: 'id' })
const updateRequestUnread = conditionalUpdateOfIds({ table: 'requests', by: 'id' })
const updateTask = conditionalUpdate({ table: 'tasks', by: 'id' })
const updateTaskUnread = conditionalUpdateOfIds({ table: 'tasks', by: 'id' })
const updateTasksOfRequest = conditionalUpdateOfIds({ table: 'tasks', by: 'requestId' })

type RequestChange = Partial<Omit<RequestRow, 'id' | 'accountId' | 'upstream' | 'order' | 'createdAt'>>
/** Not `upstreamPending`: `events/begin` changes it, and sends its event. */
export type TaskChange = Partial<
  Omit<
    TaskRow,
    'id' | 'accountId' | 'requestId' | 'credits' | 'upstreamPending' | 'keyCapDay' | 'accountCapDay'
  >
>

interface Move<State, To> {
  readonly from: readonly State[]
  readonly to: To
}

/** Moves a request if it is in one of the states; null if something else moved it first. */
export async function moveRequest(
  tx: Tx,
  id: string,
  move: Move<RequestRow['state'], RequestChange>,
): Promise<RequestRow | null> {
  const [row] = await updateRequest(tx, id, move)
  return row ?? null
}

/** The same for callers that do not need the row: whether it was moved. */
export async function moveRequestUnread(
  tx: Tx,
  id: string,
  move: Move<RequestRow['state'], RequestChange>,
): Promise<boolean> {
  return (await updateRequestUnread(tx, id, move)).length > 0
}

/** Moves the tasks of a request that are in one of the states; returns how many. */
export async function moveTasksOfRequest(
  tx: Tx,
  requestId: string,
  { from, to }: Move<TaskState, TaskState>,
): Promise<number> {
  return (await updateTasksOfRequest(tx, requestId, { from, to: { state: to } })).length
}

/** The same for tasks that are ordered from the upstream now: what they cost is fixed with it. Undefined: it stays as it was. */
export async function orderTasksOfRequest(
  tx: Tx,
  requestId: string,
  cost: number | null | undefined,
): Promise<number> {
  const to = { state: 'submitting', ...(cost !== undefined && { cost }) } as const
  return (await updateTasksOfRequest(tx, requestId, { from: mayBecome.submitting, to })).length
}

/** Moves a task if it is in one of the states; null if it is not: then no consequence may follow. */
export async function moveTask(
  tx: Tx,
  id: string,
  move: Move<TaskState, TaskChange>,
): Promise<TaskRow | null> {
  const [row] = await updateTask(tx, id, move)
  return row ?? null
}

/** The same for callers that do not need the row: whether it was moved. */
export async function moveTaskUnread(
  tx: Tx,
  id: string,
  move: Move<TaskState, TaskChange>,
): Promise<boolean> {
  return (await updateTaskUnread(tx, id, move)).length > 0
}
