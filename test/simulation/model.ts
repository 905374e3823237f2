// What should be: who was given what, who ordered what and was told what, and what Keevx heard and answered.
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
  readonly requestId: string
  readonly account: Account
  readonly model: ModelName
  readonly count: number
  readonly creditsEach: number
  readonly at: number
  readonly key: Key
  /** What its create should be answered, as things stood when it was handed to the store; null before. */
  expected: string | null
  fate: 'asked' | 'stored' | 'absent'
  taskIds: readonly string[]
  readonly posts: Post[]
}

export interface Look {
  readonly at: number
  readonly life: number
  means: LookMeaning | null
  recorded: boolean
}

/** A piece of paid work that Keevx has named to somebody who could hear it. */
export interface Work {
  readonly id: string
  readonly order: Order
  readonly nature: Nature
  readonly namedAt: number
  readonly looks: Look[]
}

export interface TaskSeen {
  readonly id: string
  readonly order: Order
  state: string
  /** The whole row, once it has ended. */
  ended: string | null
}

export const isOpen = (state: string): boolean => state !== 'succeeded' && state !== 'failed'

export class Model {
  readonly rules: Rules
  prices: Prices
  readonly accounts: Account[] = []
  readonly grants: Grant[] = []
  readonly orders: Order[] = []
  readonly works = new Map<string, Work>()
  readonly tasks = new Map<string, TaskSeen>()
  /** Until when each of the upstream's keys waits, as far as the present life knows. */
  readonly keyPauses = new Map<string, number>()
  readonly #newPauses: { readonly key: string; readonly until: number }[] = []

  constructor(rules: Rules, prices: Prices) {
    this.rules = rules
    this.prices = prices
  }

  order(wanted: Pick<Order, 'requestId' | 'account' | 'key' | 'model' | 'count' | 'at'>): Order {
    const creditsEach = this.prices[wanted.model]
    const label = this.orders.length
    const begun = { fate: 'asked', expected: null, taskIds: [], posts: [] } as const
    const order: Order = { ...wanted, ...begun, label, creditsEach, posts: [] }
    this.orders.push(order)
    return order
  }

  /** What a create should be answered that is handed to the store now; those handed over before it go first. */
  answerTo({ account, key, count, creditsEach }: Order): string {
    if (key.revoked) return 'unauthorized'
    if (account.suspended) return 'account_suspended'
    const asked = this.orders.filter(
      ({ account: who, fate, expected }) => who === account && fate === 'asked' && expected === 'ok',
    )
    const reserved = asked.reduce((sum, order) => sum + order.creditsEach * order.count, 0)
    if (this.balanceOf(account) - reserved < creditsEach * count) return 'insufficient_credits'
    const open = this.openTasksOf(account).length + asked.reduce((sum, order) => sum + order.count, 0)
    return open + count > (this.rules.tasksInFlightMax ?? Infinity) ? 'too_many_tasks' : 'ok'
  }

  /** What was given, less what was ordered and not given back. */
  balanceOf(account: Account): number {
    let balance = account.granted
    for (const { order, state } of this.tasks.values()) {
      if (order.account === account && state !== 'failed') balance -= order.creditsEach
    }
    return balance
  }

  openTasksOf(account: Account): TaskSeen[] {
    return [...this.tasks.values()].filter(({ order, state }) => order.account === account && isOpen(state))
  }

  /** The order is known to be stored: told so, or found so by those who came after. */
  stored(order: Order, taskIds: readonly string[]): void {
    order.fate = 'stored'
    order.taskIds = taskIds
    for (const id of taskIds) {
      if (this.tasks.has(id)) throw new Broken(`two tasks have the id ${id}`)
      this.tasks.set(id, { id, order, state: 'queued', ended: null })
    }
  }

  granted(grant: Grant): void {
    grant.fate = 'stored'
    grant.account.granted += grant.amount
  }

  /** A new process remembers no pause, and hears no answer that was meant for the one before. */
  begun(): void {
    this.keyPauses.clear()
    this.#newPauses.splice(0)
  }

  /** What was answered has been read by now. */
  rested(): void {
    for (const { key, until } of this.#newPauses.splice(0)) {
      this.keyPauses.set(key, Math.max(this.keyPauses.get(key) ?? 0, until))
    }
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

  /** Of those who ask in the same moment nobody can know it yet. */
  pauseKey(key: string, until: number): void {
    this.#newPauses.push({ key, until })
  }
}
