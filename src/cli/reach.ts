// Checks that a configuration covers the open tasks of a store, which a gateway may be serving.
import type { Config } from '../config/config.ts'
import { StoreRefused } from '../db/errors.ts'
import { storeAt } from '../db/store-at.ts'
import { requireReach } from '../tasks/unreachable/refuse.ts'
import { say } from './output/exit.ts'

/** Throws ConfigError with a line for each missing upstream, key or plan that the store needs. */
export async function requireReachInStore(config: Config): Promise<void> {
  const store = storeAt(config.databaseUrl)
  if (!(await store.exists())) return
  try {
    await store.lookAt().snapshot(async (read) => await requireReach(read, config))
  } catch (error) {
    if (!(error instanceof StoreRefused)) throw error
    say(`Whether this configuration leaves open tasks behind was not looked at: ${error.message}`)
  }
}
