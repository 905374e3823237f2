// Connections that stay open after an answer, for the next request to the same origin.
import type { Client } from 'undici'

/** A connection that leads where its address was checked when it was made; it never connects anew. */
export interface Kept {
  readonly client: Client
  readonly openedAt: number
}

/** Over all origins, and to one of them. */
const idleMax = 128
const idlePerOriginMax = 64
/** A name may lead elsewhere by now: after this long it is resolved and checked anew. */
const ageMaxMs = 60_000
/** Unused for so long, it is closed; undici counts it. */
export const idleTimeoutMs = 4_000

export interface KeptConnections {
  /** The one to this origin that was used last, or null. */
  take(origin: string): Kept | null
  /** Its answer has been read whole. */
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
