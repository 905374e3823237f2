// Whose 429 it is: the key's, or that of one order, of an account's orders for one model, of an account, or of a model.

export interface OrderScopes {
  readonly requestId: string
  readonly accountId: string
  readonly modelId: string
}

/** What a 429 may be laid to beside the key, narrowest first. */
export const scopes = ['order', 'account_model', 'account', 'model'] as const
export type Scope = (typeof scopes)[number]

/** How a scope of one order is told from that of another. */
export function scopeIn(scope: Scope, { requestId, accountId, modelId }: OrderScopes): string {
  if (scope === 'order') return `order ${requestId}`
  if (scope === 'account_model') return `account ${accountId} model ${modelId}`
  return scope === 'account' ? `account ${accountId}` : `model ${modelId}`
}

export interface Limited {
  /** `key`: it speaks of everybody who uses the key. */
  readonly scope: Scope | 'key'
  /** In how many bursts the scope has met it since its last answer; of `key`: in how many the order has. */
  readonly times: number
  /** In how many bursts the order itself has met it. */
  readonly ofOrder: number
  /** The 429s that were laid to the key just before are of the same scope: they said nothing of the key either. */
  readonly revokes: boolean
}

/** What was answered 429, and how. */
export interface Met {
  /** It is no answer of an API. */
  readonly isPage?: boolean
  /** The number of its attempt; those that began before the last 429 that counted are of the same burst. */
  readonly attempt: number
  /** How many attempts have begun. */
  readonly begun: number
}

interface Row {
  /** Bursts since its last answer. */
  readonly times: number
  /** How many answers of the upstream there had been when it met the first. */
  readonly answers: number
  /** The last attempt of the last burst. */
  readonly upTo: number
}

/** How orders fare in the long run. */
interface Share {
  limited: number
  answered: number
}

interface ShareOfScope extends Share {
  readonly scope: Scope
}

/** More than are ever limited together; what is forgotten pauses the key once more. */
const rememberedMax = 10_000
/** The oldest tenth is forgotten together. */
const forgottenTo = 0.9
/** After a pause accounts of which so many orders were limited come after the others. */
const oftenShare = 0.2
/** After the last answer to anybody; whoever comes beyond these changes nothing. */
const recentMax = 64
/** Different accounts that meet a page before anybody is answered: it is not their words any more. */
const pageAccountsMax = 3
/** After so many events what was long ago counts half. */
const halvedAfter = 1_000
/** Bursts of one scope before its share says anything. */
const burstsMin = 2
/** So many bursts would be expected of the others if they met them as often, and of these they met a third at most. */
const expectedMin = 4
const shareOfOthersMax = 1 / 3

function isAll(orders: readonly OrderScopes[], scope: Scope, order: OrderScopes): boolean {
  const own = scopeIn(scope, order)
  return orders.every((other) => scopeIn(scope, other) === own)
}

/**
 * What was answered 429 with one key. A scope that meets it again is the cause, where the upstream has answered others
 * since the first time and nothing of its own; or where it meets it far more often than all others. Neither counts
 * where somebody beside it, who does not meet them so often, has met one since the last answer.
 */
export class LimitBlame {
  readonly #met = new Map<string, Row>()
  readonly #shares = new Map<string, ShareOfScope>()
  readonly #all: Share = { limited: 0, answered: 0 }
  /** Of all accounts that are limited often, together. */
  readonly #often: Share = { limited: 0, answered: 0 }
  #events = 0
  #answers = 0
  /** Orders whose 429 was laid to the key since the upstream's last answer to any. */
  #recent: OrderScopes[] = []
  /** Accounts that met a page since then. */
  readonly #pages = new Set<string>()
  /** Those of the last row of 429s that were laid to the key. */
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
    // An account's own pages may be of its words, so no model is held because of them.
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

  /** Whether the last 429s that were laid to the key met this account, or one of five of its orders did. */
  isOftenLimited(accountId: string): boolean {
    if (this.#blamed.some((order) => order.accountId === accountId)) return true
    const share = this.#shares.get(scopeIn('account', { accountId, requestId: '', modelId: '' }))
    return share !== undefined && shareOf(share) >= oftenShare
  }

  /** Whether the last 429s that were laid to the key met this model. */
  hasPausedFor(modelId: string): boolean {
    return this.#blamed.some((order) => order.modelId === modelId)
  }

  #laidToKey(order: OrderScopes): void {
    const isFirst = this.#recent.length === 0
    if (this.#recent.length < recentMax) this.#recent.push(order)
    this.#blamed = [...(isFirst ? [] : this.#blamed.slice(-recentMax)), order]
  }

  /** Of an order that is alone with it. */
  #isCause(scope: Scope, order: OrderScopes): boolean {
    const before = this.#met.get(scopeIn(scope, order))
    if (before !== undefined && before.answers < this.#answers) return true
    // Nobody was answered since its last one: that may be a limit of all.
    const own = scopeIn(scope, order)
    const isRecent = this.#recent.some((other) => scopeIn(scope, other) === own)
    return !isRecent && this.#isMoreOften(scope, order)
  }

  /** The recent orders that do not meet it more often than others anyway. */
  #rarelyLimited(): OrderScopes[] {
    const isOften = new Map<string, boolean>()
    return this.#recent.filter((order) => {
      const name = scopeIn('account_model', order)
      const found = isOften.get(name) ?? scopes.some((scope) => this.#isMoreOften(scope, order))
      isOften.set(name, found)
      return !found
    })
  }

  /** A part of the orders is limited, though not each of them: a rate, or words that only some of them have. */
  #isMoreOften(scope: Scope, order: OrderScopes): boolean {
    const own = this.#shares.get(scopeIn(scope, order))
    if (!own || scope === 'order' || own.limited < burstsMin) return false
    const others = this.#others(scope, order, own)
    const expected = shareOf(own) * (others.limited + others.answered)
    return expected >= expectedMin && others.limited <= expected * shareOfOthersMax
  }

  /** All but its own; and but other accounts that are limited often themselves, which would hide each other. */
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

/** Looks up the oldest entry only when one must be removed: iterating a Map skips over deleted entries first. */
function bound<Value>(map: Map<string, Value>, onForget: (value: Value) => void = () => undefined): void {
  if (map.size <= rememberedMax) return
  for (const [oldest, value] of map) {
    if (map.size <= rememberedMax * forgottenTo) return
    map.delete(oldest)
    onForget(value)
  }
}
