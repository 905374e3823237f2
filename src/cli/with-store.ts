// Opens the store for one command, beside a gateway that may be serving it, and closes it again.
import { closeContext, createContext } from '../app.ts'
import { loadConfig } from '../config/config.ts'
import type { Context } from '../context.ts'
import { createLog } from '../log.ts'

export async function withStore<Result>(work: (ctx: Context) => Promise<Result>): Promise<Result> {
  const ctx = createContext({ config: loadConfig(), log: createLog('silent') })
  try {
    return await work(ctx)
  } finally {
    await closeContext(ctx)
  }
}
