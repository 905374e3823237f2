// Archives orders older than `retention.tasks`, round by round, as one of the parts of the cleanup loop.
import type { Context } from '../../context.ts'
import { Archiving } from './archive.ts'

/** A round writes a file or several: more rounds in a day would make many small ones. */
const roundEveryMs = 24 * 60 * 60_000
/** An order is several rows, in some twenty indexes together. */
const rowsOfOrder = 5
/** After an error, such as a full disk or a folder that cannot be written, the next try is after this. */
const againMs = 10 * 60_000

/** Returns 1 if a turn did some work, or 0 if there is nothing to do now. */
export function archiveInRounds(ctx: Context): (max: number) => Promise<number> {
  const { tasksMs } = ctx.config.retention
  let round: Archiving | null = null
  let nextAt = -Infinity
  return async (max) => {
    if (tasksMs === null || !ctx.time.mayEnd(tasksMs)) return 0
    if (!round && ctx.clock.monotonic() < nextAt) return 0
    round ??= new Archiving(ctx, { olderThanMs: tasksMs })
    try {
      if (await round.turn(Math.ceil(max / rowsOfOrder))) return 1
    } catch (error) {
      round = null
      nextAt = ctx.clock.monotonic() + againMs
      throw error
    }
    const { orders, tasks, stay } = round.result()
    if (orders > 0) ctx.log.info({ orders, tasks, stay }, 'ended orders were archived')
    round = null
    nextAt = ctx.clock.monotonic() + roundEveryMs
    return 0
  }
}
