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
export const scopeIn = (scope: Scope, { requestId, accountId, modelId }: OrderScopes): string =>
  ({
    order: `order ${requestId}`,
    account_model: `account ${accountId} model ${modelId}`,
    account: `account ${accountId}`,
    model: `model ${modelId}`,
  })[scope]

export interface Limited {
  /** `key`: it speaks of everybody who uses the key. */
  readonly scope: Scope | 'key'
  /** How often the scope has met it while the upstream answered others; of `key`: how often the order has met it. */
  readonly times: number
  /** How often the order itself has met it. */
  readonly ofOrder: number
  /** The 429s that were laid to the key just before are of the same scope: they said nothing of the key either. */
  readonly revokes: boolean
}

interface Met {
  readonly times: number
  /** How many answers of the upstream there had been when it met the first. */
  readonly answers: number
}

/** More than are ever limited together; what is forgotten pauses the key once more. */
const rememberedMax = 10_000
/** After the last answer to anybody; whoever comes beyond these changes nothing. */
const recentMax = 64
/** So many 429s in a row met orders of one account alone, while others were answered: they say nothing of the key. */
const inRowMax = 3

function isAll(orders: readonly OrderScopes[], scope: Scope, order: OrderScopes): boolean {
  const own = scopeIn(scope, order)
  return orders.every((other) => scopeIn(scope, other) === own)
}

/**
 * What was answered 429 with one key. A scope that meets it again is the cause, where the upstream has answered others
 * since the first time and nothing of its own, and nobody beside it has met a 429 since the last answer.
 */
export class LimitBlame {
  readonly #met = new Map<string, Met>()
  #answers = 0
  /** Orders that met a 429 since the upstream's last answer to any. */
  #recent: OrderScopes[] = []
  /** Those of the last row of 429s that were laid to the key. */
  #blamed: OrderScopes[] = []
  #row = { accountId: '', times: 0, isOtherAnswered: false }

  /** The upstream itself has answered this order. */
  answered(order: OrderScopes): void {
    this.#answers += 1
    this.#recent = []
    for (const scope of scopes) this.#met.delete(scopeIn(scope, order))
    if (order.accountId !== this.#row.accountId) this.#row.isOtherAnswered = true
  }

  /**
   * `isPage`: it is no answer of an API, so it is laid to the account at once. A firewall answers so to what somebody
   * wrote, and where it limits everybody the next account meets it too.
   */
  met(order: OrderScopes, { isPage = false }: { readonly isPage?: boolean } = {}): Limited {
    const isFirst = this.#recent.length === 0
    if (this.#recent.length < recentMax) this.#recent.push(order)
    const { accountId } = order
    const isInRow = this.#row.accountId === accountId
    this.#row = isInRow
      ? { ...this.#row, times: this.#row.times + 1 }
      : { accountId, times: 1, isOtherAnswered: false }
    const cause = scopes.find((scope) => this.#isCause(scope, order))
    const isOfAccount = isPage || (this.#row.times > inRowMax && this.#row.isOtherAnswered)
    const scope = cause ?? (isOfAccount && this.#isAlone('account', order) ? 'account' : 'key')
    const times = this.#count(order)
    const revokes = scope !== 'key' && this.#blamed.length > 0 && isAll(this.#blamed, scope, order)
    if (scope === 'key') this.#blamed = [...(isFirst ? [] : this.#blamed.slice(-recentMax)), order]
    else if (revokes) this.#blamed = []
    return { scope, times: times[scope === 'key' ? 'order' : scope], ofOrder: times.order, revokes }
  }

  /** Whether this account, or this model, has met a 429 since the upstream's last answer. */
  isRecent({ accountId, modelId }: Partial<OrderScopes>): boolean {
    return this.#recent.some((order) => order.accountId === accountId || order.modelId === modelId)
  }

  #isCause(scope: Scope, order: OrderScopes): boolean {
    const before = this.#met.get(scopeIn(scope, order))
    return before !== undefined && before.answers < this.#answers && this.#isAlone(scope, order)
  }

  #isAlone(scope: Scope, order: OrderScopes): boolean {
    return isAll(this.#recent, scope, order)
  }

  #count(order: OrderScopes): Readonly<Record<Scope, number>> {
    const times = { order: 0, account_model: 0, account: 0, model: 0 }
    for (const scope of scopes) {
      const name = scopeIn(scope, order)
      const { times: before, answers } = this.#met.get(name) ?? { times: 0, answers: this.#answers }
      times[scope] = before + 1
      this.#met.delete(name)
      this.#met.set(name, { times: times[scope], answers })
    }
    for (const [oldest] of this.#met) {
      if (this.#met.size <= rememberedMax) break
      this.#met.delete(oldest)
    }
    return times
  }
}
