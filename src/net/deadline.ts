// Combines a total timeout, an idle timeout and the caller's signal into one signal.
import { OutgoingError } from './error.ts'

export interface DeadlineOptions {
  /** For the whole request: resolving, connecting, every redirect, and the last byte of the answer. */
  readonly timeoutMs: number
  /**
   * For each wait for the peer: for the headers of an answer, and then for more data. `timeoutMs` by default.
   */
  readonly idleTimeoutMs?: number
  readonly signal?: AbortSignal
}

export interface Deadline {
  /** Aborts with the OutgoingError `timeout`, or with the reason of the caller's own signal. */
  readonly signal: AbortSignal
  /** The idle time runs only while we wait for the peer, so a slow reader on our side does not count. */
  waiting<T>(work: Promise<T>): Promise<T>
  end(): void
}

/**
 * After the process was suspended, timers run before sockets are read, although data may have arrived: so the
 * sockets are read once before a timer counts.
 */
function startTimer(ms: number, expire: () => void): { stop(): void } {
  let reading: NodeJS.Immediate | null = null
  const timer = setTimeout(() => {
    reading = setImmediate(expire)
  }, ms)
  return {
    stop() {
      clearTimeout(timer)
      if (reading) clearImmediate(reading)
    },
  }
}

/** Like `AbortSignal.timeout`, with the same reason, but the sockets are read once before it aborts. */
export function timeoutSignal(ms: number): AbortSignal {
  const over = AbortSignal.timeout(ms)
  const controller = new AbortController()
  over.addEventListener('abort', () => setImmediate(() => controller.abort(over.reason)), { once: true })
  return controller.signal
}

export function startDeadline(options: DeadlineOptions): Deadline {
  const { timeoutMs, idleTimeoutMs = timeoutMs, signal } = options
  const controller = new AbortController()
  const expire = (words: string) => controller.abort(new OutgoingError('timeout', words))
  const total = startTimer(timeoutMs, () => expire(`not done in ${timeoutMs} ms`))
  const onAbort = () => controller.abort(signal?.reason)
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    async waiting(work) {
      const idle = startTimer(idleTimeoutMs, () => expire(`nothing came for ${idleTimeoutMs} ms`))
      try {
        return await work
      } finally {
        idle.stop()
      }
    },
    end() {
      total.stop()
      signal?.removeEventListener('abort', onAbort)
    },
  }
}
