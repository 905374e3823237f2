// Writes once a minute which keys were used.
import { writeUses } from '../accounts/key-uses.ts'
import type { Context } from '../context.ts'

const everyMs = 60_000

export function startKeyUses({ db, clock, log }: Context): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const write = async () =>
    await writeUses(db).catch((error: unknown) => {
      log.warn({ err: error }, 'when keys were last used could not be written; it is tried again in a minute')
    })
  const writing = (async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(everyMs, stopping.signal)
      await write()
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await writing
    },
  }
}
