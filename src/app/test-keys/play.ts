// Starts and stops the parts of the gateway behind test keys, in the order in which a gateway starts and stops.
import type { LiveCatalog } from '../../catalog/live.ts'
import type { Config } from '../../config/config.ts'
import type { Context } from '../../context.ts'
import type { Store } from '../../db/dialect.ts'
import { isStoreDamaged } from '../../db/errors.ts'
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
  /** Resolves when its store can no longer be trusted: from then on it answers 503, and is to be stopped. */
  readonly failed: Promise<Error>
  hasFailed(): boolean
  /**
   * `drained` resolves when no client is connected any more: until then requests are answered. A damaged store
   * is removed.
   */
  stop(drained: Promise<void>): Promise<void>
}

/** Throws if it cannot start, and then nothing of it is left open. */
export async function startPlay(inFront: Context, parts: Parts): Promise<Play> {
  const closers: (() => Promise<void>)[] = [parts.closeUpstream]
  /** Also what follows one that fails: otherwise its lock would stand in the way of the next start. */
  const closeAll = async () => {
    const errors: unknown[] = []
    const note = (error: unknown) => void errors.push(error)
    for (const close of closers.toReversed()) await close().catch(note)
    if (errors.length > 0) throw errors[0]
  }
  const failure = createFailure()
  const onTrouble = (error: unknown) => {
    if (error instanceof Error && isStoreDamaged(error)) failure.note(error)
  }
  try {
    const { config, log, catalog } = parts
    const store = storeAt(config.databaseUrl)
    await store.make()
    const ownership = await store.own()
    closers.push(async () => await ownership.release())
    closers.push(async () => await removeDamaged(store, log, failure.error()))
    const wakeups = createWakeups()
    const open = async () =>
      await createContext({ config, log, catalog, clock: inFront.clock, onFatal: failure.note }, wakeups)
    const ctx = await open().catch(async (error: unknown) => {
      if (!isStoreDamaged(error)) throw error
      await removeDamaged(store, log, error)
      return await open()
    })
    closers.push(async () => await closeContext(ctx))
    const { hasFailed } = failure
    const door = testDoor(inFront, ctx, parts.credits)
    const server = await buildTestServer(ctx, parts.front, { door, storeFailed: hasFailed, onTrouble })
    await recover(ctx)
    const worker = startWorker(ctx, wakeups, onTrouble)
    const background = startBackground(ctx, null, inFront.config)
    log.info({ folder: config.dataDir }, 'the gateway behind test keys is there')
    return {
      answer: server.answer,
      failed: failure.happened,
      hasFailed,
      async stop(drained) {
        await Promise.all([server.close(), worker.stop(), background.stop(), drained])
        await closeAll()
      },
    }
  } catch (error) {
    onTrouble(error)
    await closeAll().catch(() => undefined)
    throw error
  }
}

function createFailure() {
  const { promise: happened, resolve } = Promise.withResolvers<Error>()
  let first: Error | null = null
  return {
    happened,
    note(error: Error) {
      first ??= error
      resolve(first)
    },
    error: () => first,
    hasFailed: () => first !== null,
  }
}

/** Play data is worth nothing: a new store is of more use than a damaged one. The caller owns it. */
async function removeDamaged(store: Store, log: Logger, error: unknown): Promise<void> {
  if (!isStoreDamaged(error)) return
  log.error({ err: error }, 'the store behind test keys is damaged: it is removed, and a new one is made')
  await store.remove()
}

/** What an earlier run left: nothing there is worth refusing a start. */
async function recover(ctx: Context): Promise<void> {
  await recallTime(ctx.time, ctx.db)
  await giveUpUnreachable(ctx)
  await ctx.mediaRoot.enter().catch(() => undefined)
  await emptyIncoming(ctx)
  await releaseLeases(ctx)
}
