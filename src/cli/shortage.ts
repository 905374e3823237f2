// When the system is out of descriptors, what fails is one connection or one file, and never the process.
import type { Context } from '../context.ts'

const codes = new Set(['EMFILE', 'ENFILE'])
/** It is logged once in this time, however often it happens. */
const reportEveryMs = 10_000

/**
 * Errors of timers and listeners of libraries that no code of ours could catch. All others end the process in good
 * order, as uncaught errors do.
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
