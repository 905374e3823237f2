// Opens the store for one command, also beside a gateway that is serving it, and closes it again.
import { closeContext, createContext } from '../app/context.ts'
import type { Config } from '../config/config.ts'
import type { Context } from '../context.ts'
import type { Upgrade } from '../db/dialect.ts'
import { existingStore } from '../db/store-at.ts'
import { neverLate, verifyLedger } from '../ledger/verify.ts'
import type { Verification } from '../ledger/pass/pass.ts'
import { createLog } from '../log.ts'
import { lateness } from '../tasks/rescue/rescue.ts'
import { say } from './output/exit.ts'
import { settingsOfStore } from './settings.ts'

/** Throws StoreRefused if there is no store: only `serve` creates one. */
export async function withStore<Result>(work: (ctx: Context) => Promise<Result>): Promise<Result> {
  const config = settingsOfStore()
  await existingStore(config.databaseUrl)
  const onUpgrade = ({ copy, changes }: Upgrade) =>
    say(
      `The store was brought up to this version (${changes.join(', ')}).${copy === null ? '' : ` It is kept as it was in ${copy}.`}`,
    )
  const ctx = await createContext({ config, log: createLog('silent'), onUpgrade })
  try {
    return await work(ctx)
  } finally {
    await closeContext(ctx)
  }
}

/** Read-only. Without a gateway serving the store, tasks past their limit cannot end: none counts as late. */
export async function auditStore(config: Config): Promise<Verification> {
  const store = await existingStore(config.databaseUrl)
  const late = (await store.isServed()) ? lateness(config) : neverLate
  return await verifyLedger(store.lookAt(), Date.now(), late)
}
