// One stream of events for the whole page: what it tells has changed is read again.
import { useEffect } from 'preact/hooks'
import { root } from './client.ts'
import { readAgain } from './queries.ts'

/** Several changes that come together are read once. */
const gatherMs = 250

const concerned = /\/tasks|\/credits$|\/ledger$|\/stats$|\/usage$/

/** Open as long as its page is: `api` is the mount that the session opens. */
export function useLive(api: '/console/api/v1/events' | '/console/admin/v1/events'): void {
  useEffect(() => {
    const stream = new EventSource(root + api)
    let timer: ReturnType<typeof setTimeout> | null = null
    const read = () => {
      timer = null
      void readAgain((path) => concerned.test(path))
    }
    const note = () => {
      timer ??= setTimeout(read, gatherMs)
    }
    // The first event of a stream, also of one that was cut: what was missed is read.
    stream.addEventListener('reset', note)
    stream.addEventListener('task', note)
    return () => {
      if (timer !== null) clearTimeout(timer)
      stream.close()
    }
  }, [api])
}
