// Removes erased accounts and old texts from the files of the archive, in a small share of the time.
import type { Context } from '../../context.ts'
import { cleanNextArchive } from '../../privacy/archives.ts'
import { matchLists } from '../../privacy/list.ts'
import type { Place } from '../../privacy/list.ts'
import { createShare, forgetShare } from '../share.ts'

const everyMs = 60_000

export interface Archives {
  stop(): Promise<void>
}

/** Each gateway looks after its own DATA_DIR: accounts may have been erased by another. `place`: of the list of them. */
export function startArchives(ctx: Context, place: Place): Archives {
  const stopping = new AbortController()
  const { signal } = stopping
  const share = createShare(ctx.clock, forgetShare)
  const running = (async () => {
    while (!signal.aborted) {
      let isMore = false
      try {
        await matchLists(ctx, place)
        isMore = await share.spend(async () => await cleanNextArchive(ctx, place))
      } catch (error) {
        ctx.log.warn({ err: error }, 'a file of the archive could not be cleaned; it is tried again')
      }
      await ctx.clock.sleep(isMore ? share.restMs() : everyMs, signal)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}
