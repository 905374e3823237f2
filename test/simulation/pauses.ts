// What a 429 keeps from being posted and looked at: all of its key, unless it may be laid to its own kind.
import type { Order } from './model.ts'

/** Something that was answered with a key: to an order, or to a look at a work. */
interface Answered {
  readonly key: string
  readonly order: Order | null
  readonly workId: string | null
}

interface Limited extends Answered {
  readonly until: number
  readonly isPage: boolean
}

type Told = (Limited & { readonly kind: 'limited' }) | (Answered & { readonly kind: 'answered' })
/** Those that came in the same moment may have been read in any order. */
type Event = Told & { readonly moment: number }

/** Of the present life of the process, which remembers nothing of the one before. */
export class Pauses {
  #events: Event[] = []
  #new: Told[] = []
  #moment = 0

  begun(): void {
    this.#events = []
    this.#new = []
  }

  /** What was answered has been read by now. Of those who ask in the same moment nobody can know it before. */
  rested(): void {
    this.#moment += 1
    for (const told of this.#new.splice(0)) this.#events.push({ ...told, moment: this.#moment })
  }

  limited(event: Limited): void {
    this.#new.push({ kind: 'limited', ...event })
  }

  answered(event: Answered): void {
    this.#new.push({ kind: 'answered', ...event })
  }

  againstPost(key: string, order: Order, at: number): string | null {
    const holds = this.#limitsOf(key, at).some(
      ([limit, before]) =>
        limit.order === order || (limit.order ? !mayBeLaid(limit, before) : isOfAll(limit, before)),
    )
    return holds ? 'its key pauses after a 429' : null
  }

  againstLook(key: string, at: number): string | null {
    const holds = this.#limitsOf(key, at).some(([limit, before]) =>
      limit.order ? !mayBeLaid(limit, before) : !isOfWork(limit, before),
    )
    return holds ? 'its key pauses after a 429' : null
  }

  /** The 429s that are not over, each with what may have been answered with the key before it. */
  #limitsOf(key: string, at: number): [Limited & Event, Event[]][] {
    const ofKey = this.#events.filter((event) => event.key === key)
    return ofKey.flatMap((event) =>
      event.kind === 'limited' && event.until > at
        ? [[event, ofKey.filter((other) => isBefore(other, event))] as [Limited & Event, Event[]]]
        : [],
    )
  }
}

const isBefore = (one: Event, other: Event): boolean => one !== other && one.moment <= other.moment

/** Different accounts that meet a page before anybody is answered: then it is of all. */
const pageAccountsMax = 3

/** Orders of its kind met one before, and others were answered since; or it is a page that fewer than three accounts met. */
function mayBeLaid(limit: Limited, before: readonly Event[]): boolean {
  const isAnswer = ({ kind, order }: Event) => kind === 'answered' && order !== null
  const first = before.find(
    ({ kind, order }) =>
      kind === 'limited' && order !== null && limit.order !== null && isAkin(order, limit.order),
  )
  if (first && before.some((event) => isAnswer(event) && isBefore(first, event))) return true
  if (!limit.isPage) return false
  const recent = before.slice(before.findLastIndex(isAnswer) + 1)
  // What a poll meets says nothing of an account.
  const pages = recent.filter((event) => event.kind === 'limited' && event.isPage && event.order !== null)
  const accounts = new Set([limit.order, ...pages.map(({ order }) => order)].map((order) => order?.account))
  return accounts.size < pageAccountsMax
}

const isAkin = (one: Order, other: Order): boolean =>
  one === other || one.account === other.account || one.model === other.model

/** The look at another work met one just before, in whichever order these were read. */
function isOfAll(limit: Limited & Event, before: readonly Event[]): boolean {
  const last = before.at(-1)
  const isSure = last !== undefined && last.moment < limit.moment
  const isOther = isSure && last.kind === 'limited' && last.workId !== null && last.workId !== limit.workId
  return isOther && !isOfWork(limit, before)
}

/** The same work met one before, and anything else was answered since. */
function isOfWork({ workId }: Limited, before: readonly Event[]): boolean {
  const first = before.find((event) => event.kind === 'limited' && event.workId === workId)
  return first !== undefined && before.some((event) => event.kind === 'answered' && isBefore(first, event))
}
