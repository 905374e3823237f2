// A thread that syncs files. The process has one, started by its first sync, whichever store that is of.
import { Worker } from 'node:worker_threads'
import { ownProgram } from '../../../own-files.ts'
import { createOrders, slotOf, slots } from './orders.ts'
import type { SyncAnswer, SyncOrders } from './orders.ts'

interface Waiter {
  resolve(): void
  reject(error: unknown): void
}

interface Thread {
  readonly worker: Worker
  readonly orders: SyncOrders
  readonly waiting: Map<number, Waiter>
}

/** Rejects if it is unknown whether the file is on the disk. */
export type SyncFile = (descriptor: number) => Promise<void>

/**
 * Not one of Node's own threads for files: four of them serve all file calls, lookups of host names and
 * compression, and a volume that hangs can occupy them all.
 */
export function createSyncThread(program: URL): SyncFile {
  let thread: Thread | null = null
  const start = (): Thread => {
    const orders = createOrders()
    const worker = new Worker(program, { name: 'sync', workerData: orders })
    const waiting = new Map<number, Waiter>()
    worker.on('message', ({ id, error }: SyncAnswer) => {
      const waiter = waiting.get(id)
      waiting.delete(id)
      // An idle thread does not keep the process alive.
      if (waiting.size === 0) worker.unref()
      if (error === null) waiter?.resolve()
      else waiter?.reject(error)
    })
    /** What it was to sync may be on the disk or not. */
    const end = (error: Error): void => {
      thread = null
      for (const { reject } of waiting.values()) reject(error)
      waiting.clear()
    }
    worker.once('error', end)
    worker.once('exit', () => end(new Error('the thread that syncs the log has ended')))
    return { worker, orders, waiting }
  }
  return async (descriptor) => {
    const { worker, orders, waiting } = (thread ??= start())
    if (waiting.size === slots) throw new Error('too many stores are synced at once')
    await new Promise<void>((resolve, reject) => {
      if (waiting.size === 0) worker.ref()
      const id = Atomics.load(orders.given, 0)
      waiting.set(id, { resolve, reject })
      Atomics.store(orders.descriptors, slotOf(id), descriptor)
      Atomics.add(orders.given, 0, 1)
      Atomics.notify(orders.given, 0)
    })
  }
}

export const syncInThread: SyncFile = createSyncThread(ownProgram('db/sqlite/log/sync-thread'))
