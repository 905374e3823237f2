// What a start takes before anything else: its port, its store, and its place among the gateways that serve that.
import { systemClock } from '../clock.ts'
import type { Clock } from '../clock.ts'
import type { Serving, Store } from '../db/dialect.ts'
import { requireStoreOrNone } from '../db/store-at.ts'
import type { ReservedPort } from '../http/connections/listen.ts'
import { newId } from '../ids.ts'
import { createInstances } from '../instances/instances.ts'
import { createServerClock } from '../instances/server-clock.ts'
import type { PresenceTerms } from '../worker/presence.ts'
import type { ContextOptions } from './context.ts'

export interface PlaceOptions extends Pick<ContextOptions, 'config' | 'clock' | 'onFatal'> {
  /** Whether a new store may be created although remains of another exist. */
  readonly newStore?: boolean
  /** Runs after the port is reserved, before the store is opened. */
  readonly beforeStore?: (store: Store) => Promise<void>
}

export interface Place {
  readonly port: ReservedPort
  /** Whether the store was just created. */
  readonly isNewStore: boolean
  readonly serving: Serving
  readonly clock: Clock
  /** Null: no other gateway can serve the store. */
  readonly presence: PresenceTerms | null
}

/** The port first, then the store: a start that cannot listen leaves no store behind for commands to use. */
export async function takePlace(options: PlaceOptions, store: Store): Promise<Place> {
  const { config } = options
  const { reservePort } = await import('../http/connections/listen.ts')
  const port = await reservePort(config).catch(async (error: NodeJS.ErrnoException) => {
    // Most likely the port is taken by this store's gateway: another port would not help.
    throw error.code === 'EADDRINUSE' && (await store.isServed()) ? store.served(error) : error
  })
  let serving: Serving | null = null
  try {
    await options.beforeStore?.(store)
    if (!options.newStore) await requireStoreOrNone(store, config.dataDir)
    const isNewStore = await store.make()
    const id = newId('ins', Date.now())
    serving = await store.serve(id, options.onFatal)
    return { port, isNewStore, serving, ...(await presenceOf(options.clock, serving, id)) }
  } catch (error) {
    await serving?.release()
    port.release()
    throw error
  }
}

async function presenceOf(
  given: Clock | undefined,
  { beside }: Serving,
  id: string,
): Promise<Pick<Place, 'clock' | 'presence'>> {
  if (!beside) return { clock: given ?? systemClock, presence: null }
  const serverClock = given ? null : createServerClock(systemClock, beside)
  await serverClock?.adjust()
  const clock = given ?? serverClock ?? systemClock
  return { clock, presence: { instances: createInstances({ id, clock, beside }), serverClock } }
}
