// Attributes a 429 to the key, an order, an account, a model, or an account's orders for one model.

export interface OrderScopes {
  readonly requestId: string
  readonly accountId: string
  readonly modelId: string
}

/** What a 429 may be attributed to besides the key, narrowest first. */
export const scopes = ['order', 'account_model', 'account', 'model'] as const
export type Scope = (typeof scopes)[number]

/** The name that tells the scope of one order from that of another. */
export function scopeIn(scope: Scope, { requestId, accountId, modelId }: OrderScopes): string {
  if (scope === 'order') return `order ${requestId}`
  if (scope === 'account_model') return `account ${accountId} model ${modelId}`
  return scope === 'account' ? `account ${accountId}` : `model ${modelId}`
}

export interface Limited {
  /** `key`: the 429 applies to everything posted with the key. */
  readonly scope: Scope | 'key'
  /** Bursts in which the scope got a 429 since its last answer; for `key`, those of the order. */
  readonly times: number
  /** Bursts in which the order itself got a 429. */
  readonly ofOrder: number
  /** The latest 429s attributed to the key have this same scope: they said nothing about the key either. */
  readonly revokes: boolean
}

/** The circumstances of a 429. */
export interface Met {
  /** The answer is not in the form of an API's. */
  readonly isPage?: boolean
  /** The attempt's number; attempts that began before the last counted 429 belong to the same burst. */
  readonly attempt: number
  /** How many attempts have begun. */
  readonly begun: number
}

interface Row {
  /** Bursts since its last answer. */
  readonly times: number
  /** Number of the upstream's answers at the time of the first burst. */
  readonly answers: number
  /** The last attempt of the last burst. */
  readonly upTo: number
}

/** Long-term counts of limited and answered orders. */
interface Share {
  limited: number
  answered: number
}

interface ShareOfScope extends Share {
  readonly scope: Scope
}

/** More than are ever limited at once; a forgotten one pauses the key once more. */
const rememberedMax = 10_000
/** The oldest tenth is removed at once. */
const forgottenTo = 0.9
/** After a pause, accounts with at least this share of limited orders come after the others. */
const oftenShare = 0.2
/** Orders limited since the upstream's last answer; further ones change nothing. */
const recentMax = 64
/** If this many accounts get a page before any order is answered, their prompts are not the cause. */
const pageAccountsMax = 3
/** After this many events all counts are halved, so that old ones weigh less. */
const halvedAfter = 1_000
/** Bursts of one scope before its share is meaningful. */
const burstsMin = 2
/**
 * At the scope's rate, at least this many bursts would be expected of the others; they had at most a third of
 * that.
 */
const expectedMin = 4
const shareOfOthersMax = 1 / 3

function isAll(orders: readonly OrderScopes[], scope: Scope, order: OrderScopes): boolean {
  const own = scopeIn(scope, order)
  return orders.every((other) => scopeIn(scope, other) === own)
}

/**
 * The 429s of one key. A scope that gets one again is the cause if the upstream has answered others since the
 * first, and nothing of that scope; or if it gets them far more often than all others. Neither counts if an
 * order outside the scope, which is not often limited, has got a 429 since the last answer.
 */
export class LimitBlame {
  readonly #met = new Map<string, Row>()
  readonly #shares = new Map<string, ShareOfScope>()
  readonly #all: Share = { limited: 0, answered: 0 }
  /** Sum of all accounts that are often limited. */
  readonly #often: Share = { limited: 0, answered: 0 }
  #events = 0
  #answers = 0
  /** Orders whose 429 was attributed to the key since the upstream's last answer to any order. */
  #recent: OrderScopes[] = []
  /** Accounts that got a page since then. */
  readonly #pages = new Set<string>()
  /** Orders of the last series of 429s attributed to the key. */
  #blamed: OrderScopes[] = []

  /** The upstream itself has answered this order. */
  answered(order: OrderScopes): void {
    this.#answers += 1
    this.#recent = []
    this.#pages.clear()
    for (const scope of scopes) this.#met.delete(scopeIn(scope, order))
    this.#count(order, 'answered')
  }

  met(order: OrderScopes, { isPage = false, attempt, begun }: Met): Limited {
    // Pages may be caused by an account's own prompts, so they never hold a model.
    const causes = isPage ? scopes.filter((scope) => scope !== 'model') : scopes
    const isNewBurst = this.#isNewBurst('account_model', order, attempt)
    if (isNewBurst) this.#count(order, 'limited')
    const others = this.#rarelyLimited()
    const cause = causes.find((scope) => isAll(others, scope, order) && this.#isCause(scope, order))
    if (isPage && this.#pages.size < pageAccountsMax) this.#pages.add(order.accountId)
    const isOfPage = isPage && this.#pages.size < pageAccountsMax && isAll(others, 'account', order)
    const scope = cause ?? (isOfPage ? 'account' : 'key')
    const times = this.#note(order, { attempt, begun })
    const revokes = scope !== 'key' && this.#blamed.length > 0 && isAll(this.#blamed, scope, order)
    if (scope === 'key') this.#laidToKey(order)
    else if (revokes) this.#blamed = []
    return { scope, times: times[scope === 'key' ? 'order' : scope], ofOrder: times.order, revokes }
  }

  /**
   * Whether the last 429s attributed to the key hit this account, or at least a fifth of its orders get one.
   */
  isOftenLimited(accountId: string): boolean {
    if (this.#blamed.some((order) => order.accountId === accountId)) return true
    const share = this.#shares.get(scopeIn('account', { accountId, requestId: '', modelId: '' }))
    return share !== undefined && shareOf(share) >= oftenShare
  }

  /** Whether the last 429s attributed to the key hit this model. */
  hasPausedFor(modelId: string): boolean {
    return this.#blamed.some((order) => order.modelId === modelId)
  }

  #laidToKey(order: OrderScopes): void {
    const isFirst = this.#recent.length === 0
    if (this.#recent.length < recentMax) this.#recent.push(order)
    this.#blamed = [...(isFirst ? [] : this.#blamed.slice(-recentMax)), order]
  }

  /** Precondition: all recent orders that are rarely limited belong to this scope. */
  #isCause(scope: Scope, order: OrderScopes): boolean {
    const before = this.#met.get(scopeIn(scope, order))
    if (before !== undefined && before.answers < this.#answers) return true
    // No order was answered since its last one: it may be a limit on all.
    const own = scopeIn(scope, order)
    const isRecent = this.#recent.some((other) => scopeIn(scope, other) === own)
    return !isRecent && this.#isMoreOften(scope, order)
  }

  /** Recent orders that do not get 429s more often than others anyway. */
  #rarelyLimited(): OrderScopes[] {
    const isOften = new Map<string, boolean>()
    return this.#recent.filter((order) => {
      const name = scopeIn('account_model', order)
      const found = isOften.get(name) ?? scopes.some((scope) => this.#isMoreOften(scope, order))
      isOften.set(name, found)
      return !found
    })
  }

  /**
   * Some of the scope's orders are limited, not all: a rate limit, or text that only some of them contain.
   */
  #isMoreOften(scope: Scope, order: OrderScopes): boolean {
    const own = this.#shares.get(scopeIn(scope, order))
    if (!own || scope === 'order' || own.limited < burstsMin) return false
    const others = this.#others(scope, order, own)
    const expected = shareOf(own) * (others.limited + others.answered)
    return expected >= expectedMin && others.limited <= expected * shareOfOthersMax
  }

  /** All but its own, and without other accounts that are often limited, which would mask each other. */
  #others(scope: Scope, order: OrderScopes, own: Share): Share {
    const others = { limited: this.#all.limited - own.limited, answered: this.#all.answered - own.answered }
    if (scope === 'model') return others
    add(others, this.#often, -1)
    const account = this.#shares.get(scopeIn('account', order))
    if (account && isOften(account)) add(others, account, 1)
    return others
  }

  #isNewBurst(scope: Scope, order: OrderScopes, attempt: number): boolean {
    return attempt > (this.#met.get(scopeIn(scope, order))?.upTo ?? 0)
  }

  #note(order: OrderScopes, { attempt, begun }: Met): Readonly<Record<Scope, number>> {
    const times = { order: 0, account_model: 0, account: 0, model: 0 }
    for (const scope of scopes) {
      const name = scopeIn(scope, order)
      const before = this.#met.get(name) ?? { times: 0, answers: this.#answers, upTo: 0 }
      const isNew = attempt > before.upTo
      times[scope] = before.times + (isNew ? 1 : 0)
      this.#met.delete(name)
      this.#met.set(name, { ...before, times: times[scope], upTo: isNew ? begun : before.upTo })
    }
    bound(this.#met)
    return times
  }

  #count(order: OrderScopes, what: keyof Share): void {
    this.#all[what] += 1
    for (const scope of scopes) {
      if (scope === 'order') continue
      const name = scopeIn(scope, order)
      const share = this.#shares.get(name) ?? { scope, limited: 0, answered: 0 }
      this.#countOften(share, -1)
      share[what] += 1
      this.#countOften(share, 1)
      this.#shares.delete(name)
      this.#shares.set(name, share)
    }
    bound(this.#shares, (share) => this.#countOften(share, -1))
    this.#events += 1
    if (this.#events % halvedAfter === 0) this.#halve()
  }

  #halve(): void {
    Object.assign(this.#often, { limited: 0, answered: 0 })
    halve(this.#all)
    for (const share of this.#shares.values()) {
      halve(share)
      this.#countOften(share, 1)
    }
  }

  #countOften(share: ShareOfScope, times: 1 | -1): void {
    if (share.scope === 'account' && isOften(share)) add(this.#often, share, times)
  }
}

const shareOf = ({ limited, answered }: Share): number => limited / (limited + answered)

const isOften = (share: Share): boolean => share.limited >= burstsMin && shareOf(share) >= oftenShare

function add(sum: Share, share: Share, times: 1 | -1): void {
  sum.limited += times * share.limited
  sum.answered += times * share.answered
}

function halve(share: Share): void {
  share.limited /= 2
  share.answered /= 2
}

/** Looks up the oldest entry only when one must be removed: iterating a Map first skips deleted entries. */
function bound<Value>(map: Map<string, Value>, onForget: (value: Value) => void = () => undefined): void {
  if (map.size <= rememberedMax) return
  for (const [oldest, value] of map) {
    if (map.size <= rememberedMax * forgottenTo) return
    map.delete(oldest)
    onForget(value)
  }
}
