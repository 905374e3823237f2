// Waits for tasks within one call, and tells the client how far they are.
import { findTask } from '../../../../tasks/read/find.ts'
import { hasEnded, statusOf } from '../../../../tasks/state.ts'
import type { TaskColumns } from '../../../../tasks/read/view.ts'
import { storeFailed } from '../../../wire/refusals.ts'
import type { ToolCall } from '../call.ts'
import { queuedText, viewTasks } from './show.ts'

/** Below the minute after which clients give a call up. */
export const waitSecondsMax = 50
const tellEveryMs = 5_000

interface Wait {
  readonly call: ToolCall
  readonly dueAt: number
  readonly seconds: number
}

/** The tasks as they stand when all have ended; earlier after so many seconds, on a stop, or without a client. */
export async function waitForAll(
  call: ToolCall,
  tasks: readonly TaskColumns[],
  seconds: number,
): Promise<TaskColumns[]> {
  const wait: Wait = { call, seconds, dueAt: call.ctx.clock.monotonic() + seconds * 1_000 }
  const found: TaskColumns[] = []
  for (const task of tasks) {
    found.push(seconds === 0 ? task : await waitForOne(wait, task))
  }
  return found
}

async function waitForOne(wait: Wait, first: TaskColumns): Promise<TaskColumns> {
  if (hasEnded(first)) return first
  const { ctx, patience, request, reply, caller, mcp } = wait.call
  let task = first
  reply.waited = true
  const place = patience.waiting.take(task, caller.accountId)
  const leave = () => place.leave()
  mcp.signal.addEventListener('abort', leave)
  patience.release(request)
  try {
    while (!mcp.signal.aborted) {
      const nextAt = Math.min(wait.dueAt, ctx.clock.monotonic() + tellEveryMs)
      const why = await place.wait(statusOf(task), nextAt)
      if (why === 'left') break
      if (patience.storeFailed()) throw storeFailed()
      task = await findTask(ctx.db.read, caller.accountId, task.id)
      if (why === 'stopped' || hasEnded(task) || ctx.clock.monotonic() >= wait.dueAt) break
      await tell(wait, task)
    }
    return task
  } finally {
    mcp.signal.removeEventListener('abort', leave)
    place.leave()
  }
}

/** Only if the client asked for it. */
async function tell({ call, dueAt, seconds }: Wait, task: TaskColumns): Promise<void> {
  const { _meta: meta, notify } = call.mcp
  const progressToken = meta?.progressToken
  if (progressToken === undefined) return
  const progress = Math.max(0, seconds - (dueAt - call.ctx.clock.monotonic()) / 1_000)
  const [view] = statusOf(task) === 1 ? await viewTasks(call, [task]) : []
  const message = `${task.id}: ${view ? queuedText(view).en : 'running'}`
  await notify({
    method: 'notifications/progress',
    params: { progressToken, progress, total: seconds, message },
  })
}
