// A process with a connection of its own to a harness's store: sends one keyed order many times, when it is told to.
import { once } from 'node:events'
import type { Caller } from '../../src/accounts/callers.ts'
import { closeContext, createContext } from '../../src/app/context.ts'
import { loadConfig } from '../../src/config/config.ts'
import { newId } from '../../src/ids.ts'
import { createLog } from '../../src/log.ts'
import { createTasks } from '../../src/tasks/create/create.ts'

/** The one argument, as JSON. */
export interface TwinOrders {
  readonly folder: string
  readonly databaseUrl: string
  readonly caller: Caller
  readonly body: unknown
  readonly key: string
  readonly count: number
}

const { folder, databaseUrl, caller, body, key, count } = JSON.parse(process.argv[2] ?? '') as TwinOrders
const config = loadConfig({ cwd: folder, env: { KEEVX_API_KEY: 'upstream-key', DATABASE_URL: databaseUrl } })
const ctx = await createContext({ config, log: createLog('silent') })
process.send?.('ready')
await once(process, 'message')
const orders = Array.from({ length: count }, async () => {
  const requestId = newId('req', ctx.clock.now())
  const { created, replayed } = await createTasks(ctx, { caller, body, requestId, idempotencyKey: key })
  return { ...created, replayed }
})
process.send?.(await Promise.all(orders))
await closeContext(ctx)
process.disconnect()
