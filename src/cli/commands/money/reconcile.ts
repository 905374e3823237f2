// `tollgate reconcile`: lists work that was made and not sold, and decides it.
import { CommanderError } from 'commander'
import { firstRows } from '../../../db/page.ts'
import { viewDecided, viewItem } from '../../../http/views.ts'
import { commandLine } from '../../../operators/act.ts'
import { decide } from '../../../operators/credits.ts'
import { listItems } from '../../../tasks/corrections/items.ts'
import type { Decision, ItemStatus } from '../../../tasks/corrections/items.ts'
import { exitCodes, print, say } from '../../output/exit.ts'
import type { OutputOptions } from '../../output/exit.ts'
import { table, time } from '../../output/table.ts'
import { withStore } from '../../with-store.ts'

interface Options extends OutputOptions {
  readonly status: ItemStatus
  readonly limit: number
  readonly decision?: Decision
  readonly reason?: string
}

/** Without an item it lists them. */
export async function reconcileItems(id: string | undefined, options: Options): Promise<void> {
  const { decision, reason } = options
  if (id === undefined && decision === undefined && reason === undefined) return await list(options)
  if (id === undefined || decision === undefined || reason === undefined) throw halfSaid()
  const decided = await withStore(async (ctx) =>
    viewDecided(id, await decide(ctx, commandLine, { id, decision, reason })),
  )
  const words =
    decided.task_id === null
      ? `${decision}: nobody was charged`
      : `charged ${decided.credits} again for ${decided.task_id}, balance ${decided.balance}`
  print(options, decided, [words])
}

async function list(options: Options): Promise<void> {
  const { status } = options
  const items = await withStore(async (ctx) =>
    (
      await firstRows(options.limit, (before, limit) => listItems(ctx.db.read, { status, before, limit }))
    ).map(viewItem),
  )
  const head = ['id', 'kind', 'account', 'task', 'upstream id', 'credits', 'created', 'decision']
  const rows = items.map((item) => [
    item.id,
    item.kind,
    item.account_id,
    item.task_id,
    item.evidence.upstream_task_id,
    item.credits,
    time(item.created_at),
    item.decision?.decision ?? null,
  ])
  print(options, { items }, table(head, rows))
}

function halfSaid(): CommanderError {
  const problem =
    'error: to decide, give the item with --decision and --reason; without all three, the items are listed.'
  say(problem)
  return new CommanderError(exitCodes.usage, 'tollgate.reconcile', problem)
}
