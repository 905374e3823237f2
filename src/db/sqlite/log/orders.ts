// How the thread that syncs is told what to sync: in shared memory, which costs a third of a message.

export interface SyncOrders {
  /** The number of orders so far, modulo 2^32. The thread sleeps until it changes. */
  readonly given: Int32Array<SharedArrayBuffer>
  /** By number of the order. */
  readonly descriptors: Int32Array<SharedArrayBuffer>
}

export interface SyncAnswer {
  readonly id: number
  /** Null if the file is on the disk. */
  readonly error: unknown
}

/** A power of two. Each open store has at most one order that waits. */
export const slots = 1_024

export const slotOf = (id: number): number => id & (slots - 1)

export function createOrders(): SyncOrders {
  const bytes = Int32Array.BYTES_PER_ELEMENT
  return {
    given: new Int32Array(new SharedArrayBuffer(bytes)),
    descriptors: new Int32Array(new SharedArrayBuffer(slots * bytes)),
  }
}
