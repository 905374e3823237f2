// How long a request may take, in all and at each wait, made into one signal.
import { OutgoingError } from './error.ts'

export interface DeadlineOptions {
  /** For all of it: resolving, connecting, every redirect, and the last byte of the answer. */
  readonly timeoutMs: number
  /** For each wait on the other side: for the head of an answer, and then for more of it. `timeoutMs` by default. */
  readonly idleTimeoutMs?: number
  readonly signal?: AbortSignal
}

export interface Deadline {
  /** Aborts with the OutgoingError `timeout`, or with the reason of the caller's own signal. */
  readonly signal: AbortSignal
  /** The idle time runs only while the other side is waited for, so that a slow reader is not its fault. */
  waiting<T>(work: Promise<T>): Promise<T>
  end(): void
}

export function startDeadline(options: DeadlineOptions): Deadline {
  const { timeoutMs, idleTimeoutMs = timeoutMs, signal } = options
  const controller = new AbortController()
  const expire = (words: string) => controller.abort(new OutgoingError('timeout', words))
  const total = setTimeout(() => expire(`not done in ${timeoutMs} ms`), timeoutMs)
  const onAbort = () => controller.abort(signal?.reason)
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    async waiting(work) {
      const idle = setTimeout(() => expire(`nothing came for ${idleTimeoutMs} ms`), idleTimeoutMs)
      try {
        return await work
      } finally {
        clearTimeout(idle)
      }
    },
    end() {
      clearTimeout(total)
      signal?.removeEventListener('abort', onAbort)
    },
  }
}
