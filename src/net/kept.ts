// Pool of open connections, reused for the next request to the same origin.
import type { Client } from 'undici'

/** A connection to an address that was checked when it was opened; it never reconnects. */
export interface Kept {
  readonly client: Client
  readonly openedAt: number
}

/** In total, and per origin. */
const idleMax = 128
const idlePerOriginMax = 64
/** A name may resolve differently by now: after this age a connection is not reused. */
const ageMaxMs = 60_000
/** An idle connection is closed after this long, by undici. */
export const idleTimeoutMs = 4_000

export interface KeptConnections {
  /** The most recently used connection to this origin, or null. */
  take(origin: string): Kept | null
  /** Call it when the answer has been read completely. */
  give(origin: string, kept: Kept): void
  close(): Promise<void>
}

export function createKeptConnections(now: () => number = () => performance.now()): KeptConnections {
  const idle = new Map<string, Kept[]>()
  const watched = new WeakSet<Kept>()
  let count = 0
  const remove = (origin: string, kept: Kept): boolean => {
    const line = idle.get(origin)
    const at = line?.indexOf(kept) ?? -1
    if (!line || at < 0) return false
    line.splice(at, 1)
    if (line.length === 0) idle.delete(origin)
    count -= 1
    return true
  }
  const isFresh = ({ client, openedAt }: Kept): boolean =>
    !client.closed && !client.destroyed && now() - openedAt < ageMaxMs
  return {
    take(origin) {
      for (;;) {
        const kept = idle.get(origin)?.at(-1)
        if (!kept) return null
        remove(origin, kept)
        if (isFresh(kept)) return kept
        void kept.client.destroy()
      }
    },
    give(origin, kept) {
      const line = idle.get(origin) ?? []
      if (!isFresh(kept) || count >= idleMax || line.length >= idlePerOriginMax) {
        void kept.client.destroy()
        return
      }
      line.push(kept)
      idle.set(origin, line)
      count += 1
      if (watched.has(kept)) return
      watched.add(kept)
      kept.client.once('disconnect', () => {
        if (remove(origin, kept)) void kept.client.destroy()
      })
    },
    async close() {
      const all = [...idle.values()].flat()
      idle.clear()
      count = 0
      await Promise.all(all.map(({ client }) => client.destroy()))
    },
  }
}
