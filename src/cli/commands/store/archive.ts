// `tollgate archive`: moves ended orders from the store into files, also while a gateway serves it.
import { setTimeout as pause } from 'node:timers/promises'
import { commandLine, noteAct } from '../../../operators/act.ts'
import { storeAt } from '../../../db/store-at.ts'
import { Archiving } from '../../../tasks/archive/archive.ts'
import type { Stay } from '../../../tasks/archive/orders.ts'
import { createShare, forgetShare } from '../../../worker/share.ts'
import { print } from '../../output/exit.ts'
import type { OutputOptions } from '../../output/exit.ts'
import { withStore } from '../../with-store.ts'

interface ArchiveCommandOptions extends OutputOptions {
  /** Milliseconds. */
  readonly olderThan: number
}

/** Orders per transaction: a gateway that serves the store waits during each. */
const ordersAtOnceMax = 20
/** Share of time to work if no gateway serves the store; short pauses keep Ctrl-C working. */
const shareAlone = 0.9

export async function archive(options: ArchiveCommandOptions): Promise<void> {
  const archived = await withStore(async (ctx) => {
    const archiving = new Archiving(ctx, { olderThanMs: options.olderThan })
    const served = await storeAt(ctx.config.databaseUrl).isServed()
    const share = createShare(ctx.clock, served ? forgetShare : shareAlone)
    while (await share.spend(() => archiving.turn(ordersAtOnceMax))) await pause(share.restMs())
    const result = archiving.result()
    const { orders, tasks, files } = result
    const changed = { target: null, after: { olderThanMs: options.olderThan, orders, tasks, files } }
    if (orders > 0) await noteAct(ctx, commandLine, { action: 'archive', changed })
    return result
  })
  const { files, orders, tasks, stay } = archived
  const stays = Object.entries(stay).map(([why, count]) => `${count} stay: ${words[why as Stay]}`)
  print(options, archived, [
    `${orders} orders (${tasks} tasks) were archived; their ledger entries stay`,
    ...files,
    ...stays,
  ])
}

const words: Record<Stay, string> = {
  open: 'something of them has not ended',
  recent: 'they ended later than that',
  key: 'their Idempotency-Key is kept for a day',
  callback: 'Keevx may still call back for them, for a week',
  file: 'a file of their result is still kept (media.retention), or is still to be',
  delivery: 'a webhook of them is still to be delivered',
  ledger: 'their entries do not add up: see tollgate ledger verify',
}
