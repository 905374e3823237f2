// Keeps the process alive when the system is out of descriptors: only single connections or files fail.
import type { Context } from '../context.ts'

const codes = new Set(['EMFILE', 'ENFILE'])
/** Logged at most once in this time. */
const reportEveryMs = 10_000

/**
 * Handles errors from timers and listeners of libraries, which our code cannot catch. All other errors end
 * the process in an orderly way, like uncaught errors.
 */
export function outliveShortages({ log, metrics }: Pick<Context, 'log' | 'metrics'>): void {
  let reportedAt = -Infinity
  const meet = (error: unknown, otherwise: () => void): void => {
    if (!codes.has(String((error as NodeJS.ErrnoException | null)?.code))) return otherwise()
    metrics.descriptorShortages.inc({})
    const nowMs = performance.now()
    if (nowMs - reportedAt < reportEveryMs) return
    reportedAt = nowMs
    log.error({ err: error }, 'the system is out of descriptors (ulimit -n); the gateway serves on')
  }
  const end = (error: unknown) => (): void => {
    process.emit('uncaughtException', error instanceof Error ? error : new Error(String(error)))
  }
  process.setUncaughtExceptionCaptureCallback((error: unknown) => meet(error, end(error)))
  process.on('unhandledRejection', (error) => meet(error, end(error)))
}
