// Orders whose answer did not reach their client: the client sends the same again, and is answered with them.
import type { FastifyReply } from 'fastify'
import type { Clock } from '../../clock.ts'

/** Clients that repeat by themselves do so within seconds; a person, within minutes. */
const keptForMs = 10 * 60_000
/** Each is a hash and an id. */
const keptMax = 10_000

export interface Unheard {
  /**
   * The order of an equal request whose connection closed before it was answered, which nobody has claimed yet; else
   * places a new one, for others to claim if this connection closes before it is answered. Live twins are never
   * merged.
   */
  claimOr<Order>(request: NewRequest, place: () => Promise<Order>): Promise<Order>
}

interface NewRequest {
  /** Equal for equal requests of one account. */
  readonly hash: string
  readonly reply: FastifyReply
}

interface Placed {
  readonly order: Promise<unknown>
  isLost: boolean
  readonly at: number
}

/** In memory: a client with an Idempotency-Key is safe in any case. */
export function createUnheard(clock: Pick<Clock, 'monotonic'>): Unheard {
  const placed = new Map<string, Placed[]>()
  let count = 0

  const remove = (hash: string, one: Placed): void => {
    const rest = (placed.get(hash) ?? []).filter((other) => other !== one)
    if (rest.length === (placed.get(hash) ?? []).length) return
    count -= 1
    if (rest.length === 0) placed.delete(hash)
    else placed.set(hash, rest)
  }

  const forgetOld = (): void => {
    const before = clock.monotonic() - keptForMs
    // In the order of their hashes' first use: the oldest are at the front.
    for (const [hash, all] of placed) {
      const [oldest] = all
      if (oldest && oldest.at >= before && count <= keptMax) break
      for (const one of all) remove(hash, one)
    }
  }

  return {
    async claimOr({ hash, reply }, place) {
      forgetOld()
      const lost = (placed.get(hash) ?? []).find(({ isLost }) => isLost)
      if (lost) remove(hash, lost)
      const order = lost ? lost.order.catch(() => place()) : place()
      const one: Placed = { order, isLost: false, at: clock.monotonic() }
      placed.set(hash, [...(placed.get(hash) ?? []), one])
      count += 1
      watch(reply, (isHeard) => {
        one.isLost = !isHeard
        if (isHeard) remove(hash, one)
      })
      try {
        return (await order) as Awaited<ReturnType<typeof place>>
      } catch (error) {
        // Nothing was ordered.
        remove(hash, one)
        throw error
      }
    },
  }
}

/** Calls back once: whether the answer was handed to the connection before it closed. */
function watch({ raw }: FastifyReply, done: (isHeard: boolean) => void): void {
  const close = () => done(raw.writableFinished)
  if (raw.destroyed) close()
  else raw.once('close', close)
}
