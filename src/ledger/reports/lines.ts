// The lines of a report: figures that the store has added up, with their money by the terms of their time.
import { listed } from './figures.ts'
import { amountOf } from './money.ts'
import type { Terms } from './terms.ts'

/** Work with its cost in millionths; `unknown`: of how many works it is not known. */
interface Spent {
  works: number
  cost: bigint
  unknown: number
}

export interface Leak {
  readonly reason: string
  readonly works: number
  /** Null: of some it is unknown. */
  readonly cost: number | null
  readonly unknown: number
}

/** Amounts are in the currency of the report; null: unknown. */
export interface Line {
  /** What the line is of; null: of orders that were archived before there were reports. */
  readonly group: string | null
  /** The name of an account or a key. */
  readonly name: string | null
  readonly tasks: number
  readonly succeeded: number
  readonly failed: number
  readonly charged: number
  readonly refunded: number
  readonly net: number
  readonly value: number | null
  readonly cost: number | null
  /** Of how many works of `cost` it is unknown. */
  readonly unknownCosts: number
  readonly leakage: number | null
  readonly unknownLeaks: number
  readonly leaks: readonly Leak[]
  /** Given back while it was unknown whether it was made: it is not in `leakage`. */
  readonly maybeLeaked: Leak
  readonly margin: number | null
}

/** As the store returns it: sums in digits, because they may be larger than a number of JavaScript can hold exactly. */
export interface SumRow {
  readonly name: string
  readonly label?: string | null
  /** The number of the terms in force. */
  readonly terms: number
  readonly leak: string
  readonly works: string
  readonly tasks: string
  readonly succeeded: string
  readonly failed: string
  readonly charged: string
  readonly refunded: string
  readonly cost: string
  readonly cost_unknown: string
}

/** The columns of a `SumRow` that are sums. */
export const sumsOf = (names: readonly string[]) =>
  listed(names, (name) => `CAST(sum(${name}) AS text) AS ${name}`)

/** Whether a piece of work was made is unknown. */
const maybe = 'unanswered'
const sold = ''

const nothing = (): Spent => ({ works: 0, cost: 0n, unknown: 0 })

export class LineSums {
  readonly #counts = { tasks: 0, succeeded: 0, failed: 0, charged: 0, refunded: 0 }
  readonly #spent = new Map<string, Spent>()
  /** In millionths. */
  #value = 0n
  #isValueKnown = true
  readonly #currencies = new Set<string | null>()
  label: string | null = null

  add(row: SumRow, { creditValue, currency }: Omit<Terms, 'since'>): void {
    this.label ??= row.label ?? null
    for (const name of ['tasks', 'succeeded', 'failed', 'charged', 'refunded'] as const) {
      this.#counts[name] += Number(row[name])
    }
    const net = BigInt(row.charged) - BigInt(row.refunded)
    if (creditValue === null) this.#isValueKnown &&= net === 0n
    else this.#value += net * BigInt(creditValue)
    const spent = this.#spent.get(row.leak) ?? nothing()
    spent.works += Number(row.works)
    spent.cost += BigInt(row.cost)
    spent.unknown += Number(row.cost_unknown)
    this.#spent.set(row.leak, spent)
    this.#currencies.add(currency)
  }

  /** Nothing has happened, or was undone, as where an order has taken another route. */
  isEmpty(): boolean {
    const works = [...this.#spent.values()].every((spent) => spent.works === 0)
    return works && Object.values(this.#counts).every((count) => count === 0)
  }

  charged(): number {
    return this.#counts.charged
  }

  currencies(): ReadonlySet<string | null> {
    return this.#currencies
  }

  /** `isAddable`: all its money is in one currency. */
  line(group: string | null, isAddable: boolean): Line {
    const known = (spent: Spent): bigint | null => (spent.unknown === 0 && isAddable ? spent.cost : null)
    const spent = this.#spent.get(sold) ?? nothing()
    const leaked = [...this.#spent].filter(([reason]) => reason !== sold && reason !== maybe)
    const leaks = leaked.toSorted(([a], [b]) => (a < b ? -1 : 1))
    const lost = leaks.reduce((sum, [, each]) => plus(sum, each), nothing())
    const value = this.#isValueKnown && isAddable ? this.#value : null
    const [cost, leakage] = [known(spent), known(lost)]
    const leakOf = (reason: string, each: Spent): Leak => ({
      reason,
      works: each.works,
      cost: shown(known(each)),
      unknown: each.unknown,
    })
    return {
      group,
      name: this.label,
      ...this.#counts,
      net: this.#counts.charged - this.#counts.refunded,
      value: shown(value),
      cost: shown(cost),
      unknownCosts: spent.unknown,
      leakage: shown(leakage),
      unknownLeaks: lost.unknown,
      leaks: leaks.map(([reason, each]) => leakOf(reason, each)),
      maybeLeaked: leakOf(maybe, this.#spent.get(maybe) ?? nothing()),
      margin: value === null || cost === null || leakage === null ? null : amountOf(value - cost - leakage),
    }
  }
}

const plus = (one: Spent, other: Spent): Spent => ({
  works: one.works + other.works,
  cost: one.cost + other.cost,
  unknown: one.unknown + other.unknown,
})

const shown = (millionths: bigint | null): number | null =>
  millionths === null ? null : amountOf(millionths)
