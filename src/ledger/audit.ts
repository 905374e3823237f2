// Runs an audit in a thread of its own, which opens the store read-only, so that it does not block the event loop.
import { Worker } from 'node:worker_threads'
import type { Lateness, Verification } from './pass/pass.ts'
import { ownFiles } from '../own-files.ts'

export interface AuditOrder {
  readonly databaseUrl: string
  readonly nowMs: number
  readonly late: Lateness
}

/** Messages of the thread: one for each slice it has read, and at the end what it found. */
export type AuditWord =
  | { readonly kind: 'slice' }
  | { readonly kind: 'end'; readonly verification: Verification }

export interface AuditSignals {
  /** Ends it. */
  readonly signal: AbortSignal
  /** Called after each slice, as a sign of progress. */
  onSlice(): void
}

/** Resolves with what the thread found; rejects if it could not read the store, or if the signal ended it. */
export async function auditInThread(
  order: AuditOrder,
  { signal, onSlice }: AuditSignals,
): Promise<Verification> {
  const thread = new Worker(ownFiles.auditThread, {
    workerData: order,
    name: 'audit',
  })
  const end = (): void => void thread.terminate()
  signal.addEventListener('abort', end)
  try {
    return await new Promise<Verification>((resolve, reject) => {
      let found: Verification | null = null
      thread.on('message', (word: AuditWord) => {
        if (word.kind === 'slice') onSlice()
        else found = word.verification
      })
      thread.once('error', reject)
      // Not before the exit: only now is the store closed again.
      thread.once('exit', () => {
        if (found) resolve(found)
        else reject(new Error('the thread of the audit ended without a word'))
      })
    })
  } finally {
    signal.removeEventListener('abort', end)
  }
}
