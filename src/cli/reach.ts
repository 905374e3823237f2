// Checks that a configuration covers the open tasks of a store, which a gateway may be serving.
import type { Config } from '../config/config.ts'
import { StoreRefused } from '../db/errors.ts'
import type { Store } from '../db/dialect.ts'
import { storeAt } from '../db/store-at.ts'
import { unreachableTasks } from '../tasks/unreachable/find.ts'
import type { Unreachable } from '../tasks/unreachable/find.ts'
import { refuseUnreachable } from '../tasks/unreachable/refuse.ts'
import { say } from './output/exit.ts'

/** Throws ConfigError with a line for each missing upstream or key that open tasks need. */
export async function requireReachInStore(config: Config): Promise<void> {
  const store = storeAt(config.databaseUrl)
  if (await store.exists()) refuseUnreachable(await readUnreachable(store, config))
}

async function readUnreachable(store: Store, config: Config): Promise<Unreachable[]> {
  try {
    return await store.lookAt().snapshot(async (read) => await unreachableTasks(read, config))
  } catch (error) {
    if (!(error instanceof StoreRefused)) throw error
    say(`Whether this configuration leaves open tasks behind was not looked at: ${error.message}`)
    return []
  }
}
