// `tollgate tasks …`: lists and shows tasks.
import { accountIdOf } from '../../accounts/named.ts'
import { firstRows } from '../../db/page.ts'
import { expiryTime } from '../../expiry.ts'
import { spanOf } from '../../http/reports/dates.ts'
import { viewOperatorEntry } from '../../http/views.ts'
import { listTasks } from '../../tasks/read/find.ts'
import { operatorView, taskDetail } from '../../tasks/read/task-detail.ts'
import type { TaskStatus } from '../../tasks/state.ts'
import { commandLine } from '../../operators/act.ts'
import { refundTask } from '../../operators/credits.ts'
import { print, say } from '../output/exit.ts'
import type { OutputOptions } from '../output/exit.ts'
import { table, time } from '../output/table.ts'
import { withStore } from '../with-store.ts'

interface ListOptions extends OutputOptions {
  readonly account?: string
  readonly status?: number
  readonly model?: string
  readonly key?: string
  readonly from?: string
  readonly to?: string
  readonly text?: string
  readonly error?: string
  readonly limit: number
}

export async function list(options: ListOptions): Promise<void> {
  const tasks = await withStore(async (ctx) => {
    const { read } = ctx.db
    const accountId = options.account === undefined ? null : await accountIdOf(read, options.account)
    const found = await firstRows(options.limit, (before, limit) =>
      listTasks(read, {
        accountId,
        status: (options.status ?? null) as TaskStatus | null,
        modelId: options.model ?? null,
        ...spanOf(options, ctx.config.reporting.timeZone),
        keyId: options.key,
        text: options.text,
        error: options.error,
        before,
        limit,
      }),
    )
    return found.map(await operatorView(read, found, expiryTime(ctx)))
  })
  const rows = tasks.map((task) => [
    task.task_id,
    task.account_id,
    task.model_id,
    task.state,
    task.credits,
    task.credits_refunded,
    time(task.created_at),
    task.error_message,
  ])
  const head = ['id', 'account', 'model', 'state', 'credits', 'refunded', 'created', 'error']
  print(options, { tasks }, table(head, rows))
}

export async function show(id: string, options: OutputOptions): Promise<void> {
  const task = await withStore(async (ctx) => {
    const found = await taskDetail(ctx.db.read, id, expiryTime(ctx))
    return { ...found, entries: found.entries.map(viewOperatorEntry) }
  })
  print(options, task, JSON.stringify(task, null, 2).split('\n'))
}

export async function refund(
  taskId: string,
  options: OutputOptions & { reason: string; credits?: number; idempotencyKey?: string },
): Promise<void> {
  const { reason, credits = null, idempotencyKey = null } = options
  const { refunded, balance, replayed } = await withStore((ctx) =>
    refundTask(ctx, commandLine, { taskId, credits, reason, idempotencyKey }),
  )
  if (replayed) say('This idempotency key had given it back already; nothing was given again.')
  print(options, { refunded, balance }, [`refunded ${refunded}, balance ${balance}`])
}
