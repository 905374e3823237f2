// Everything that is known about a task, for the operator: its request, its attempts, its entries.
import { asc, eq } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import { GatewayError } from '../../errors.ts'
import { amountOf } from '../../ledger/reports/money.ts'
import { entriesOfTask } from '../../ledger/statement.ts'
import { requestById, tasksOfRequest } from '../store.ts'
import type { PollRow, RequestRow, TaskRow } from '../store.ts'
import { pollsOf } from '../poll/rows.ts'
import { orderToPost } from '../first-frame/order.ts'
import { frameOf } from '../first-frame/rows.ts'
import { statusOf } from '../state.ts'
import { viewTask } from './view.ts'

/** Shows tasks as the operator's lists do; these of them may be shown. */
export async function operatorView(read: Connection, tasks: readonly TaskRow[], nowMs: number) {
  const running = tasks.filter(({ state }) => state === 'running').map(({ id }) => id)
  const polls = await pollsOf(read, running)
  return (task: TaskRow) => viewForOperator(task, polls.get(task.id), nowMs)
}

function viewForOperator(task: TaskRow, poll: PollRow | undefined, nowMs: number) {
  return {
    ...viewTask(task, nowMs),
    account_id: task.accountId,
    state: task.state,
    upstream: task.upstream,
    upstream_task_id: task.upstreamTaskId,
    error_detail: task.errorDetail,
    polls_made: poll?.pollsMade ?? task.pollsMade,
    next_poll_at_ms: poll?.dueAt ?? null,
    give_up_at_ms: task.giveUpAt,
    cost: task.cost === null ? null : amountOf(BigInt(task.cost)),
  }
}

/** Throws not_found. */
export async function taskDetail(read: Connection, id: string, nowMs: number) {
  const { tasks } = read.tables
  const [task] = await read.select().from(tasks).where(eq(tasks.id, id))
  if (!task) throw (await entriesOfTask(read, id)).length > 0 ? archivedTask() : noTaskAtAll()
  const [request] = await requestById(read, { id: task.requestId })
  if (!request) throw new Error(`task ${id} has no request`)
  const steps = await operatorSteps(read, task, request)
  return {
    ...(await operatorView(read, [task], nowMs))(task),
    ...(steps && { steps }),
    ...(request.firstFrameOf !== null && {
      first_frame_of: await orderOf(read, request.firstFrameOf, request),
    }),
    request: {
      id: request.id,
      state: request.state,
      key_id: request.keyId,
      plan: request.plan,
      order: { ...request.order },
      callback_url: request.callbackUrl,
      text_removed_at_ms: request.textRemovedAt,
      due_at_ms: request.notBefore ?? request.dueAt,
    },
    attempts: await attemptsOf(read, request.id),
    entries: await entriesOfTask(read, id),
  }
}

/** What a first frame is made for, and what of the price of that order it is: its own task costs nothing. */
async function orderOf(
  read: Connection,
  requestId: string,
  { firstFrameCredits }: Pick<RequestRow, 'firstFrameCredits'>,
) {
  const made = await tasksOfRequest(read, { requestId })
  return { request_id: requestId, task_ids: made.map(({ id }) => id), credits: firstFrameCredits ?? 0 }
}

/** Both steps of an order that made its first frame first, with the route and the quantities of each. */
async function operatorSteps(read: Connection, task: TaskRow, request: RequestRow) {
  const frame = task.step === 'video' ? await frameOf(read, request.id) : null
  if (!frame) return null
  const rows = [
    { step: 'first_frame', ...frame },
    { step: 'video', task, request },
  ] as const
  return await Promise.all(
    rows.map(async ({ step, task: of, request: by }) => ({
      step,
      status: statusOf(of),
      state: by.state === 'waiting' ? by.state : of.state,
      model_id: of.modelId,
      task_id: of.id,
      request_id: by.id,
      credits: step === 'first_frame' ? by.firstFrameCredits : null,
      upstream: of.upstream,
      upstream_task_id: of.upstreamTaskId,
      order: { ...orderToPost(by) },
      image_url: step === 'first_frame' ? of.imageUrl : null,
      error_message: of.errorMessage,
      error_detail: of.errorDetail,
      attempts: await attemptsOf(read, by.id),
    })),
  )
}

async function attemptsOf(read: Connection, requestId: string) {
  const { attempts } = read.tables
  const tried = await read
    .select()
    .from(attempts)
    .where(eq(attempts.requestId, requestId))
    .orderBy(asc(attempts.number))
  return tried.map((attempt) => ({
    id: attempt.id,
    number: attempt.number,
    upstream_key: attempt.upstreamKey,
    state: attempt.state,
    detail: attempt.detail,
    started_at_ms: attempt.startedAt,
    finished_at_ms: attempt.finishedAt,
  }))
}

const archivedTask = () =>
  new GatewayError(
    'not_found',
    {
      en: 'The task with this id was archived: its ledger entries are in the store, everything else is in a file in DATA_DIR/archive.',
      zh: '该任务已归档:账本条目仍在库中,其余内容在 DATA_DIR/archive 的文件里。',
    },
    { field: 'task_id' },
  )

/** Unlike `noSuchTask` it mentions no account: the operator has none. */
const noTaskAtAll = () =>
  new GatewayError(
    'not_found',
    { en: 'There is no task with this id.', zh: '没有这个 id 的任务。' },
    { field: 'task_id' },
  )
