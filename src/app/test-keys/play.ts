// Starts and stops the parts of the gateway behind test keys, in the order in which a gateway starts and stops.
import type { LiveCatalog } from '../../catalog/live.ts'
import type { Config } from '../../config/config.ts'
import type { Context } from '../../context.ts'
import { storeAt } from '../../db/store-at.ts'
import type { Front } from '../../http/connections/front.ts'
import type { Listener } from '../../http/test-keys/divert.ts'
import { buildTestServer } from '../../http/test-keys/server.ts'
import type { Logger } from '../../log.ts'
import { emptyIncoming } from '../../media/spool.ts'
import { releaseLeases } from '../../tasks/rescue/release-leases.ts'
import { giveUpUnreachable } from '../../tasks/unreachable/give-up.ts'
import { recallTime } from '../../time/time.ts'
import { startBackground } from '../../worker/background.ts'
import { createWakeups, startWorker } from '../../worker/worker.ts'
import { closeContext, createContext } from '../context.ts'
import { testDoor } from './players.ts'

export interface Parts {
  readonly config: Config
  readonly log: Logger
  readonly front: Front
  readonly credits: number
  readonly catalog: LiveCatalog
  closeUpstream(): Promise<void>
}

export interface Play {
  readonly answer: Listener
  /** Its store can no longer be trusted: it answers nothing until the process is started anew. */
  hasFailed(): boolean
  /** `drained` resolves when no client is connected any more: until then requests are answered. */
  stop(drained: Promise<void>): Promise<void>
}

/** Throws if it cannot start, and then nothing of it is left open. */
export async function startPlay(inFront: Context, parts: Parts): Promise<Play> {
  const closers: (() => Promise<void>)[] = [parts.closeUpstream]
  const closeAll = async () => {
    for (const close of closers.toReversed()) await close()
  }
  try {
    const store = storeAt(parts.config.databaseUrl)
    await store.make()
    const ownership = await store.own()
    closers.push(async () => await ownership.release())
    let failed = false
    const { config, log, catalog } = parts
    const onFatal = (error: Error) => {
      failed = true
      log.error(
        { err: error },
        'the store behind test keys failed; real keys are served, test keys after a restart',
      )
    }
    const wakeups = createWakeups()
    const ctx = await createContext({ config, log, catalog, clock: inFront.clock, onFatal }, wakeups)
    closers.push(async () => await closeContext(ctx))
    const door = testDoor(inFront, ctx, parts.credits)
    const hasFailed = () => failed
    const server = await buildTestServer(ctx, parts.front, { door, storeFailed: hasFailed })
    await recover(ctx)
    const worker = startWorker(ctx, wakeups)
    const background = startBackground(ctx, null)
    log.info({ folder: config.dataDir }, 'the gateway behind test keys is there')
    return {
      answer: server.answer,
      hasFailed,
      async stop(drained) {
        // Nothing can be stored, so the worker cannot end; the process does.
        if (failed) {
          await Promise.all([drained, parts.closeUpstream()])
          return
        }
        await Promise.all([server.close(), worker.stop(), background.stop(), drained])
        await closeAll()
      },
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** What an earlier run left: nothing there is worth refusing a start. */
async function recover(ctx: Context): Promise<void> {
  await recallTime(ctx.time, ctx.db)
  await giveUpUnreachable(ctx)
  await ctx.mediaRoot.enter().catch(() => undefined)
  await emptyIncoming(ctx)
  await releaseLeases(ctx)
}
