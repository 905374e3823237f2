// The thread that waits for the disk: it syncs the files whose descriptors it is given, one after another.
import { fdatasyncSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { slotOf } from './orders.ts'
import type { SyncAnswer, SyncOrders } from './orders.ts'

const { given, descriptors } = workerData as SyncOrders

for (let id = 0; ; id = (id + 1) | 0) {
  while (Atomics.load(given, 0) === id) Atomics.wait(given, 0, id)
  const descriptor = Atomics.load(descriptors, slotOf(id))
  parentPort?.postMessage({ id, error: errorOf(descriptor) } satisfies SyncAnswer)
}

function errorOf(descriptor: number): unknown {
  try {
    fdatasyncSync(descriptor)
    return null
  } catch (error) {
    return error
  }
}
