// One audit beside the event loop: a thread of its own that opens the store for reading alone.
import { Worker } from 'node:worker_threads'
import type { Lateness, Verification } from './verify.ts'

export interface AuditOrder {
  readonly file: string
  readonly nowMs: number
  readonly late: Lateness
}

/** Resolves with what the thread found; rejects where it could not look, and when the signal ended it. */
export async function auditInThread(order: AuditOrder, signal: AbortSignal): Promise<Verification> {
  const thread = new Worker(new URL('./audit-thread.ts', import.meta.url), {
    workerData: order,
    name: 'audit',
  })
  const end = (): void => void thread.terminate()
  signal.addEventListener('abort', end)
  try {
    return await new Promise<Verification>((resolve, reject) => {
      let found: Verification | null = null
      thread.once('message', (verification: Verification) => {
        found = verification
      })
      thread.once('error', reject)
      // Only now is the store closed again.
      thread.once('exit', () => {
        if (found) resolve(found)
        else reject(new Error('the thread of the audit ended without a word'))
      })
    })
  } finally {
    signal.removeEventListener('abort', end)
  }
}
