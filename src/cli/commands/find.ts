// `tollgate find`: whatever the operator has at hand, from an id to a piece of a prompt.
import { upstreamNames } from '../../config/upstreams.ts'
import { find } from '../../find/find.ts'
import { print } from '../output/exit.ts'
import type { OutputOptions } from '../output/exit.ts'
import { table } from '../output/table.ts'
import { withStore } from '../with-store.ts'

export async function findText(text: string, options: OutputOptions): Promise<void> {
  const found = await withStore(async (ctx) => await find(ctx.db.read, text, upstreamNames(ctx.config)))
  const results = found.map(({ taskId, ...hit }) => ({ ...hit, task_id: taskId }))
  const rows = results.map(({ type, id, label }) => [type, id, label])
  print(options, { results }, table(['type', 'id', 'what'], rows))
}
