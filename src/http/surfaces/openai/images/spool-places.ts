// Which pictures may be in the spool at once: nobody holds a place for long by reading slowly while others wait.
import type { Clock } from '../../../../clock.ts'

/** Pictures at once, above what one order makes; others wait for their turn. */
const picturesMax = 32
const ofAccountMax = 16
/** A client that reads its pictures for longer is cut off when others wait; its order is taken up by its retry. */
const readForMs = 60_000
const turnEveryMs = 100

export interface Wanted {
  readonly accountId: string
  readonly count: number
  /** Of the client that waits. */
  readonly gone: AbortSignal
  /** Ends its connection; it is called while others wait and this client has read for too long. */
  readonly cut: () => void
}

export interface Held {
  /** All of them are in the spool: from now on they wait for their client alone. */
  read(): void
  /** Calling it twice is safe. */
  leave(): void
}

export interface SpoolPlaces {
  /** Resolves when there are as many places; rejects when the client has gone. */
  enter(wanted: Wanted): Promise<Held>
}

interface Place {
  readonly accountId: string
  readonly count: number
  readonly cut: () => void
  /** By the monotonic clock; null while they are fetched. */
  readsSince: number | null
  isCut: boolean
}

export function createSpoolPlaces(clock: Pick<Clock, 'monotonic' | 'sleep'>): SpoolPlaces {
  const places = new Set<Place>()

  const sum = (taken: readonly Place[]): number => taken.reduce((all, { count }) => all + count, 0)

  /** Those that the wanted pictures have to wait for; none if there is room. */
  const inTheWay = (accountId: string, count: number): readonly Place[] => {
    const own = [...places].filter((place) => place.accountId === accountId)
    if (sum(own) + count > ofAccountMax) return own
    return sum([...places]) + count > picturesMax ? [...places] : []
  }

  const isSlow = ({ readsSince }: Place): boolean =>
    readsSince !== null && clock.monotonic() - readsSince >= readForMs

  /** The first has held its place for longest. */
  const cutFirst = (before: readonly Place[]): void => {
    const slow = before.find(isSlow)
    if (!slow) return
    slow.isCut = true
    slow.cut()
  }

  return {
    async enter({ accountId, count: wanted, gone, cut }) {
      const count = Math.min(wanted, ofAccountMax)
      for (;;) {
        gone.throwIfAborted()
        const before = inTheWay(accountId, count)
        if (before.length === 0) break
        if (!before.some(({ isCut }) => isCut)) cutFirst(before)
        await clock.sleep(turnEveryMs)
      }
      const place: Place = { accountId, count, cut, readsSince: null, isCut: false }
      places.add(place)
      return {
        read() {
          place.readsSince = clock.monotonic()
        },
        leave: () => void places.delete(place),
      }
    },
  }
}
