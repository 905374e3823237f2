// Connects within a bounded time in which this process runs: while it stands still, the answer waits in its socket.
import type pg from 'pg'

/** A process that stood still, or was too busy to read, loses one of them, however long that took. */
const slices = 10

/** The driver's own limit goes by the clock, and drops a connection whose answer has come and was not read yet. */
export async function connectInTime(client: pg.Client, maxMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const wait = (left: number): void => {
      timer = setTimeout(() => (left > 1 ? wait(left - 1) : reject(tooLate(maxMs))), maxMs / slices)
    }
    wait(slices)
  })
  try {
    await Promise.race([client.connect(), late])
  } finally {
    clearTimeout(timer)
  }
}

const tooLate = (maxMs: number) => new Error(`it did not let us in for ${maxMs / 1_000} s`)
