// Limits concurrent file operations in the process's thread pool, and how long each may take.

/**
 * Node has four threads for files, host names (`getaddrinfo`), scrypt and zlib together. An operation on a
 * volume that does not answer (a dead NFS server) blocks its thread until the volume does, and cannot be
 * cancelled.
 */
export interface FileTurnsBounds {
  readonly readsMax: number
  readonly writesMax: number
  /** For both kinds together; below the number of threads. */
  readonly max: number
  /** Includes the time spent waiting for a turn. */
  readonly readTimeoutMs: number
  readonly writeTimeoutMs: number
}

export type FileWork = 'read' | 'write'

/** The media volume does not answer. */
export class VolumeStalled extends Error {
  constructor() {
    super('the volume that results and uploads lie on does not answer')
    this.name = 'VolumeStalled'
  }
}

export interface FileTurns {
  /**
   * Throws VolumeStalled on a timeout, and at once while timed-out operations occupy all turns. A result that
   * arrives after the timeout is passed to `late`.
   */
  run<T>(kind: FileWork, work: () => Promise<T>, late?: (result: T) => void): Promise<T>
  /** For closing and removing: always runs, if necessary later; resolves when done or on a timeout. */
  cleanUp(kind: FileWork, work: () => Promise<unknown>): Promise<void>
}

interface Turn {
  begin(): void
}

export function createFileTurns(bounds: FileTurnsBounds): FileTurns {
  const queue = createQueue(bounds)
  return {
    async run(kind, work, late) {
      if (queue.isStalled(kind)) throw new VolumeStalled()
      return await new Promise((resolve, reject) => {
        let isOver = false
        const turn = queue.enter(kind, work, () => {
          isOver = true
          reject(new VolumeStalled())
          turn.takeBack()
        })
        turn.result.then((result) => (isOver ? late?.(result) : resolve(result)), reject)
      })
    },
    async cleanUp(kind, work) {
      await new Promise<void>((resolve) => {
        const { result } = queue.enter(kind, work, resolve)
        result.then(
          () => resolve(),
          () => resolve(),
        )
      })
    },
  }
}

interface Entered<T> {
  readonly result: Promise<T>
  /** Does nothing once the work has begun. */
  takeBack(): void
}

interface Queue {
  /** Whether timed-out operations occupy all turns. */
  isStalled(kind: FileWork): boolean
  /** `expired` is called once, on a timeout. */
  enter<T>(kind: FileWork, work: () => Promise<T>, expired: () => void): Entered<T>
}

function createQueue(bounds: FileTurnsBounds): Queue {
  const max = { read: bounds.readsMax, write: bounds.writesMax }
  const timeoutMs = { read: bounds.readTimeoutMs, write: bounds.writeTimeoutMs }
  const underWay = { read: 0, write: 0 }
  const stalled = { read: 0, write: 0 }
  const waiting = { read: new Set<Turn>(), write: new Set<Turn>() }
  const mayBegin = (kind: FileWork) =>
    underWay[kind] < max[kind] && underWay.read + underWay.write < bounds.max
  const next = (): void => {
    for (const kind of ['read', 'write'] as const) {
      for (const turn of waiting[kind]) {
        if (!mayBegin(kind)) break
        waiting[kind].delete(turn)
        turn.begin()
      }
    }
  }
  return {
    isStalled: (kind) => stalled[kind] >= max[kind] || stalled.read + stalled.write >= bounds.max,
    enter<T>(kind: FileWork, work: () => Promise<T>, expired: () => void) {
      const { promise, resolve } = Promise.withResolvers<T>()
      let [hasBegun, isLate] = [false, false]
      const timer = after(timeoutMs[kind], () => {
        isLate = true
        if (hasBegun) stalled[kind] += 1
        expired()
      })
      const end = (): void => {
        timer.stop()
        underWay[kind] -= 1
        if (isLate) stalled[kind] -= 1
        next()
      }
      const turn = {
        begin() {
          hasBegun = true
          underWay[kind] += 1
          // It may have timed out while waiting, which happens to clean-ups.
          if (isLate) stalled[kind] += 1
          const working = work()
          resolve(working)
          working.then(end, end)
        },
      }
      waiting[kind].add(turn)
      next()
      const takeBack = () => {
        if (waiting[kind].delete(turn)) timer.stop()
      }
      return { result: promise, takeBack }
    },
  }
}

/** After the process was suspended, completed work is processed before the timeout counts. */
function after(ms: number, then: () => void): { stop(): void } {
  let pending: NodeJS.Immediate | null = null
  const timer = setTimeout(() => (pending = setImmediate(then)), ms)
  timer.unref()
  return {
    stop() {
      clearTimeout(timer)
      if (pending) clearImmediate(pending)
    },
  }
}
