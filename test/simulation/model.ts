// What should be: who was given what, who ordered what and was told what, and what Keevx heard and answered.
import { Pauses } from './pauses.ts'
import type { LookMeaning, Nature, PostMeaning } from './replies.ts'
import type { Model as ModelName, Prices, Rules } from './rules.ts'

/** A promise that does not hold. */
export class Broken extends Error {}

export interface Key {
  readonly id: string
  readonly secret: string
  revoked: boolean
}

export interface Account {
  readonly id: string
  readonly keys: Key[]
  suspended: boolean
  /** Given and taken away by the operator, in all. */
  granted: number
  /** What was taken away and was not there, less what was paid of it. */
  owed: number
}

export interface Grant {
  readonly note: string
  readonly account: Account
  readonly amount: number
  /** `asked`: nobody was told yet, or nobody lived to hear it. */
  fate: 'asked' | 'stored' | 'absent'
}

export interface Post {
  readonly at: number
  readonly key: string
  /** Which life of the process asked: none after it can hear the answer. */
  readonly life: number
  /** What Keevx makes of it, whether it says so or not. */
  readonly made: readonly string[]
  readonly callbackUrl: string | null
  /** How many outputs it asked for. */
  readonly count: number
  /** Null: not answered to the one who asked. */
  means: PostMeaning | null
  answeredAt: number
  pauseMs: number
  ids: readonly string[]
  /** Answered in a life that lived on without trouble, so what was answered must have been written down. */
  recorded: boolean
  /** Its order was seen given up for unknown before it was answered. */
  givenUp: boolean
}

export interface Order {
  /** Stands in the prompt, which is how Keevx's orders are told apart. */
  readonly label: number
  readonly account: Account
  readonly model: ModelName
  readonly count: number
  readonly idempotencyKey: string | null
  /** Those under which it was sent; more than one where it bears an idempotency key. */
  readonly requestIds: string[]
  /** The one under which it is stored. */
  requestId: string
  creditsEach: number
  at: number
  /** How many of those that were sent are not answered yet. */
  waiting: number
  /** What its create should be answered, as things stood when it was handed to the store; null before. */
  expected: string | null
  fate: 'asked' | 'stored' | 'absent'
  taskIds: readonly string[]
  readonly posts: Post[]
}

export interface Look {
  readonly at: number
  readonly life: number
  /** Whether a task ran as this work; a look for the sake of a callback decides nothing. */
  readonly isOfTask: boolean
  means: LookMeaning | null
  recorded: boolean
}

/** A piece of paid work of Keevx's. */
export interface Work {
  readonly id: string
  /** Null: there is no such work, though a callback has named it. */
  readonly order: Order | null
  readonly nature: Nature
  /** The orders whose answers named it, each with the time; one may name the work of another. */
  readonly namings: { readonly order: Order; readonly at: number }[]
  /** Whose callbacks have named it. */
  readonly hintedBy: Set<Order>
  readonly looks: Look[]
}

export interface TaskSeen {
  readonly id: string
  readonly order: Order
  state: string
  upstreamId: string | null
  /** Its owner asked for that, whatever the answer was, or is still to be. */
  cancelAsked: boolean
  cancelled: boolean
  /** The whole row, once it has ended. */
  ended: string | null
}

const uncancelled = { cancelAsked: false, cancelled: false }

export const isOpen = (state: string): boolean => state !== 'succeeded' && state !== 'failed'

export class Model {
  readonly rules: Rules
  prices: Prices
  readonly accounts: Account[] = []
  readonly grants: Grant[] = []
  readonly orders: Order[] = []
  readonly works = new Map<string, Work>()
  readonly tasks = new Map<string, TaskSeen>()
  /** How long the upstream's keys wait, as far as the present life knows. */
  readonly pauses = new Pauses()

  constructor(rules: Rules, prices: Prices) {
    this.rules = rules
    this.prices = prices
  }

  order(wanted: Pick<Order, 'account' | 'model' | 'count' | 'idempotencyKey'>): Order {
    const label = this.orders.length
    const unsent = { requestIds: [], requestId: '', creditsEach: 0, at: 0, waiting: 0, expected: null }
    const order: Order = { ...wanted, ...unsent, label, fate: 'absent', taskIds: [], posts: [] }
    this.orders.push(order)
    return order
  }

  /** It is sent, for the first time or once more, under another id each time. */
  sent(order: Order, requestId: string): void {
    order.requestIds.push(requestId)
    order.waiting += 1
    if (order.fate === 'absent') order.fate = 'asked'
  }

  /** It reaches the store: what it costs, and what it should be told, is decided now. */
  handedOver(order: Order, at: number): void {
    if (order.fate === 'stored') return
    order.creditsEach = this.prices[order.model]
    order.at = at
    order.expected = this.#answerTo(order)
  }

  /** One of those that were sent is not stored; the last of them settles it. */
  refused(order: Order): void {
    if (order.fate === 'asked' && order.waiting === 0) order.fate = 'absent'
  }

  /** What a create should be answered that is handed to the store now; those handed over before it go first. */
  #answerTo(order: Order): string {
    const { account, count, creditsEach } = order
    if (account.suspended) return 'account_suspended'
    const asked = this.orders.filter(
      (other) =>
        other !== order && other.account === account && other.fate === 'asked' && other.expected === 'ok',
    )
    const reserved = asked.reduce((sum, other) => sum + other.creditsEach * other.count, 0)
    if (this.balanceOf(account) - reserved < creditsEach * count) return 'insufficient_credits'
    const open = this.openTasksOf(account).length + asked.reduce((sum, other) => sum + other.count, 0)
    return open + count > (this.rules.tasksInFlightMax ?? Infinity) ? 'too_many_tasks' : 'ok'
  }

  /** What was given, less what was ordered and not given back; what is owed was not taken. */
  balanceOf(account: Account): number {
    let balance = account.granted + account.owed
    for (const { order, state } of this.tasks.values()) {
      if (order.account === account && state !== 'failed') balance -= order.creditsEach
    }
    return balance
  }

  openTasksOf(account: Account): TaskSeen[] {
    return [...this.tasks.values()].filter(({ order, state }) => order.account === account && isOpen(state))
  }

  /** The order is known to be stored: told so, or found so by those who came after. */
  stored(order: Order, requestId: string, taskIds: readonly string[]): void {
    order.fate = 'stored'
    order.requestId = requestId
    order.taskIds = taskIds
    for (const id of taskIds) {
      if (this.tasks.has(id)) throw new Broken(`two tasks have the id ${id}`)
      this.tasks.set(id, { id, order, state: 'queued', upstreamId: null, ...uncancelled, ended: null })
    }
  }

  /** What is taken beyond the balance is owed, and suspends; what is given pays that first. */
  granted(grant: Grant): void {
    const { account, amount } = grant
    const balance = this.balanceOf(account)
    grant.fate = 'stored'
    account.granted += amount
    const unpaid = Math.max(0, -amount - balance)
    account.owed += amount < 0 ? unpaid : -Math.min(balance + amount, account.owed)
    if (unpaid > 0) account.suspended = true
  }

  /** The same for one whose answer nobody lived to hear: how much was there at that moment is not known. */
  foundGranted(grant: Grant, found: { readonly owed: number; readonly status: string }): void {
    grant.fate = 'stored'
    grant.account.granted += grant.amount
    grant.account.owed = found.owed
    grant.account.suspended = found.status === 'suspended'
  }

  /** A new process remembers no pause, and hears no answer that was meant for the one before. */
  begun(): void {
    this.pauses.begun()
  }

  /** What was answered has been read by now. */
  rested(): void {
    this.pauses.rested()
  }

  /** Posts and looks that were answered in this life are written down by now: nothing is under way, and nothing went wrong. */
  settled(life: number): void {
    for (const post of this.orders.flatMap(({ posts }) => posts)) {
      if (post.life === life && post.means !== null) post.recorded = true
    }
    for (const look of [...this.works.values()].flatMap(({ looks }) => looks)) {
      if (look.life === life && look.means !== null) look.recorded = true
    }
  }
}
