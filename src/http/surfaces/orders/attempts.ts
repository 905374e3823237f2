// The requests that hold an order while they wait: which order a repeated request takes up instead of a new one.
import type { Context } from '../../../context.ts'
import { markDelivered, markUndelivered, parkedOrder, parkedOrders } from '../../../tasks/create/parked.ts'
import type { ParkedOrder, Parking } from '../../../tasks/create/parked.ts'
import type { RefusedAttempts } from './refused-attempts.ts'

export interface Ask extends Parking {
  readonly accountId: string
  /** Orders anew under this id; its failure means that nothing was ordered. */
  readonly newRequestId: string
  /** Whose refused attempts these may be. */
  readonly client: string
}

/** One request with its order, until its connection has ended. */
export interface Attempt {
  readonly requestId: string
  /** The order is made anew. */
  readonly isNew: boolean
  readonly parking: Parking
  /** Call it when it is known whether the new order was stored; not for one that was claimed. */
  settle(isStored: boolean): void
  /** Call it when the connection has ended. `isDelivered`: its result was sent completely. */
  leave(isDelivered: boolean): void
}

export interface Attempts {
  /**
   * Decides which order a request is about. A client that tries again takes up, in this sequence:
   * 1. what nobody waits for any more, whether it says that it tries again or not;
   * 2. if it says so: what its attempt before seems to be waiting for still, or was sent a moment ago: a proxy
   *    may have lost it. Not if that attempt was refused: then it may never have ordered anything.
   * Equal requests that are under way at the same time are orders of their own.
   */
  enter(ask: Ask): Promise<Attempt>
}

interface Held {
  readonly requestId: string
  readonly retryCount: number
  /** Whether the order exists; false if it was refused. */
  readonly isStored: Promise<boolean>
  /** Its connection has ended: with its result, or without. */
  gone: 'answered' | 'unanswered' | null
  /** Resolves when it is recorded how it went; null before its connection has ended. */
  recorded: Promise<void> | null
  /** A later attempt has taken over its order. */
  isTakenOver: boolean
}

export function createAttempts(ctx: Context, refused: RefusedAttempts): Attempts {
  const book = new Book()
  return {
    async enter(ask) {
      const claimed = await claim(ctx, { book, refused }, ask)
      const requestId = claimed ?? ask.newRequestId
      if (claimed === null) book.hold(requestId)
      const { promise: isStored, resolve: settle } = Promise.withResolvers<boolean>()
      if (claimed !== null) settle(true)
      const { fingerprint, retryCount } = ask
      const held: Held = { requestId, retryCount, isStored, gone: null, recorded: null, isTakenOver: false }
      book.enter(ask, held)
      return {
        requestId,
        isNew: claimed === null,
        parking: { fingerprint, retryCount },
        settle,
        leave(isDelivered) {
          held.gone = isDelivered ? 'answered' : 'unanswered'
          held.recorded = leaveAfter(ctx, held, isDelivered).then(() => book.leave(ask, held))
        },
      }
    },
  }
}

/** The requests of this process that hold an order, and how many hold each. */
class Book {
  readonly #alike = new Map<string, Set<Held>>()
  readonly #holds = new Map<string, number>()

  /** Those that are about an equal order, and whose order no later attempt has taken over. */
  present(ask: Ask): Held[] {
    return [...(this.#alike.get(nameOf(ask)) ?? [])].filter(({ isTakenOver }) => !isTakenOver)
  }

  isHeld(requestId: string): boolean {
    return this.#holds.has(requestId)
  }

  hold(requestId: string): void {
    this.#holds.set(requestId, (this.#holds.get(requestId) ?? 0) + 1)
  }

  letGo(requestId: string): void {
    const left = (this.#holds.get(requestId) ?? 1) - 1
    if (left === 0) this.#holds.delete(requestId)
    else this.#holds.set(requestId, left)
  }

  /** Its order is held already. */
  enter(ask: Ask, held: Held): void {
    const name = nameOf(ask)
    this.#alike.set(name, (this.#alike.get(name) ?? new Set()).add(held))
  }

  leave(ask: Ask, held: Held): void {
    this.letGo(held.requestId)
    const alike = this.#alike.get(nameOf(ask))
    alike?.delete(held)
    if (alike?.size === 0) this.#alike.delete(nameOf(ask))
  }
}

const nameOf = ({ accountId, fingerprint }: Ask): string => `${accountId} ${fingerprint}`

interface Known {
  readonly book: Book
  readonly refused: RefusedAttempts
}

/** The order that is taken up, held already; null if there is none. */
async function claim(ctx: Context, { book, refused }: Known, ask: Ask): Promise<string | null> {
  const { retryCount, client } = ask
  const present = book.present(ask)
  const abandoned = await takeOver(
    book,
    present.find(({ gone }) => gone === 'unanswered'),
  )
  if (abandoned !== null) return abandoned
  // An attempt that is just being recorded would be found neither as present nor as delivered.
  for (const { recorded } of present) await recorded
  const parked = await parkedOrders(ctx, ask)
  const undelivered = await holdFirst(
    ctx,
    book,
    parked.filter(({ deliveredAt }) => deliveredAt === null),
  )
  if (undelivered !== null) return undelivered
  if (retryCount === 0 || refused.take(client, retryCount - 1)) return null
  const isBefore = (one: ParkedOrder | Held): boolean => one.retryCount === retryCount - 1
  const waiting = await takeOver(
    book,
    present.find((held) => isBefore(held) && held.gone === null && !held.isTakenOver),
  )
  if (waiting !== null) return waiting
  return await holdFirst(
    ctx,
    book,
    parked.filter((order) => order.deliveredAt !== null && isBefore(order)),
  )
}

/** Null if the order of that request was refused. */
async function takeOver(book: Book, held: Held | undefined): Promise<string | null> {
  if (!held) return null
  held.isTakenOver = true
  book.hold(held.requestId)
  if (await held.isStored) return held.requestId
  book.letGo(held.requestId)
  return null
}

/** The first that no other request has taken. */
async function holdFirst(ctx: Context, book: Book, orders: readonly ParkedOrder[]): Promise<string | null> {
  for (const order of orders) {
    const held = await holdParked(ctx, book, order)
    if (held !== null) return held
  }
  return null
}

/** Null if another request has taken the order, or its answer has arrived meanwhile. */
async function holdParked(
  ctx: Context,
  book: Book,
  { requestId, deliveredAt }: ParkedOrder,
): Promise<string | null> {
  if (book.isHeld(requestId)) return null
  book.hold(requestId)
  try {
    // Read again: an answer that was delivered meanwhile was recorded before its request let go.
    const now = await parkedOrder(ctx, requestId)
    if (now?.deliveredAt === deliveredAt) {
      if (deliveredAt !== null) await markUndelivered(ctx, requestId)
      return requestId
    }
  } catch (error) {
    book.letGo(requestId)
    throw error
  }
  book.letGo(requestId)
  return null
}

/** Never throws. Until it resolves the order is held, so that nobody else claims what has been delivered. */
async function leaveAfter(ctx: Context, held: Held, isDelivered: boolean): Promise<void> {
  const { requestId, retryCount, isStored } = held
  try {
    // The row must exist before it can be marked, and before it can be found without this request.
    const stored = await isStored
    if (stored && isDelivered && !held.isTakenOver) await markDelivered(ctx, requestId, retryCount)
  } catch (error) {
    ctx.log.error({ req: requestId, err: error }, 'an answered order could not be marked as delivered')
  }
}
