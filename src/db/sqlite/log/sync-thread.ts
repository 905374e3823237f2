// The thread that waits for the disk: it syncs the files whose descriptors it is sent, one after another.
import { fdatasyncSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { SyncAnswer, SyncOrder } from './thread.ts'

parentPort?.on('message', ({ id, descriptor }: SyncOrder) => {
  parentPort?.postMessage({ id, error: errorOf(descriptor) } satisfies SyncAnswer)
})

function errorOf(descriptor: number): unknown {
  try {
    fdatasyncSync(descriptor)
    return null
  } catch (error) {
    return error
  }
}
