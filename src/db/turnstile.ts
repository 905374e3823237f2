// Lets one thread at a time write, in the order in which they came: SQLite itself would make them try and sleep.

/** Where both threads see it: the number that the next one draws, and the one whose turn it is. */
const drawn = 0
const served = 1

export interface Turnstile {
  /** Resolves when it is the caller's turn; who has entered must leave. */
  enter(): Promise<void>
  leave(): void
}

export function newTurnstile(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)
}

/** For one thread; the buffer is the same for all. */
export function turnstileAt(shared: SharedArrayBuffer): Turnstile {
  const numbers = new Int32Array(shared)
  return {
    async enter() {
      const mine = Atomics.add(numbers, drawn, 1)
      let now = Atomics.load(numbers, served)
      while (now !== mine) {
        // Anything but "timed-out" means that somebody has left; it is at once if that was just now.
        const { async, value } = Atomics.waitAsync(numbers, served, now)
        if (async) await value
        now = Atomics.load(numbers, served)
      }
    },
    leave() {
      Atomics.add(numbers, served, 1)
      Atomics.notify(numbers, served)
    },
  }
}
