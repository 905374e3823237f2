// One stream of events for the whole page: what it tells has changed is read again.
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { root } from './client.ts'
import { readAgain } from './queries.ts'

/** Several changes that come together are read once. */
const gatherMs = 250

const concerned = /\/tasks|\/credits$|\/ledger$|\/stats$|\/usage$/

/** A browser opens a stream again that was cut, but not one that was refused. */
const reopenMs = 5_000

/** Whether changes are not heard of at the moment. */
export const isCut = signal(false)

/** Open as long as its page is: `api` is the mount that the session opens. */
export function useLive(api: '/console/api/v1/events' | '/console/admin/v1/events'): void {
  useEffect(() => {
    let stream: EventSource | null = null
    let timer: ReturnType<typeof setTimeout> | null = null
    let reopening: ReturnType<typeof setTimeout> | undefined
    const read = () => {
      timer = null
      void readAgain((path) => concerned.test(path))
    }
    const note = () => {
      timer ??= setTimeout(read, gatherMs)
    }
    const open = () => {
      const opened = new EventSource(root + api)
      stream = opened
      // The first event of a stream, also of one that was cut: what was missed is read.
      opened.addEventListener('reset', note)
      opened.addEventListener('task', note)
      opened.addEventListener('open', () => {
        isCut.value = false
      })
      opened.addEventListener('error', () => {
        isCut.value = true
        if (opened.readyState !== EventSource.CLOSED) return
        // Where the session has ended, the answers to what is read say so.
        note()
        reopening = setTimeout(open, reopenMs)
      })
    }
    open()
    return () => {
      if (timer !== null) clearTimeout(timer)
      clearTimeout(reopening)
      stream?.close()
      isCut.value = false
    }
  }, [api])
}
