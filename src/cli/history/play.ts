// Plays the days of a history into an empty store: who comes when, what goes wrong when, who answers it.
import { submitAnswers } from '../../../sandbox/scripted-answers.ts'
import type { Context } from '../../context.ts'
import { writeUses } from '../../accounts/key-uses.ts'
import { balanceOf } from '../../ledger/statement.ts'
import { cast, featured } from './drawn/cast.ts'
import type { Part } from './drawn/cast.ts'
import * as desk from './desk.ts'
import type { Chance } from './drawn/chance.ts'
import type { Fate } from './drawn/fates.ts'
import { placeOrder } from './orders.ts'
import { dayMs, hourMs, orderTimes } from './drawn/rhythm.ts'
import type { Span } from './drawn/rhythm.ts'
import type { Customer, World } from './world.ts'

/** What is ordered in the last minutes could not end in time. */
const lastOrderMs = 3 * 60_000
/** Whoever pays invoices buys below this share of a pack; whoever pays with codes when an order is refused. */
const lowShare = 0.15
const deliverAgainAfterMs = [15_000, 10 * 60_000, 3 * hourMs] as const
/** Between the start and the first customer, and between a customer and its first order. */
const settlingMs = hourMs / 6

/** Single orders with a fate of their own, at these shares of the history. */
const incidents: readonly { readonly at: number; readonly fate: Fate; readonly of: string }[] = [
  { at: 0.22, fate: 'unanswered', of: 'shop-north' },
  { at: 0.47, fate: 'late', of: 'Studio A' },
  { at: 0.63, fate: 'cut off', of: 'ad-team-east' },
  { at: 0.965, fate: 'late', of: 'Studio A' },
  { at: 0.975, fate: 'unanswered', of: 'ad-team-east' },
  { at: 0.98, fate: 'cut off', of: 'shop-north' },
]
/** The upstream has too much to do, for so long. */
const crowded = { at: 0.71, forMs: 17 * 60_000 }

interface Planned {
  readonly part: Part
  readonly comesMs: number
  /** When it orders. */
  readonly times: readonly number[]
}

export interface Stage extends World {
  readonly planned: readonly Planned[]
  /** Those that have come, by their names. */
  readonly customers: Map<string, Customer>
  readonly codes: string[]
}

const shareOf = ({ startMs, endMs }: Span, share: number): number =>
  Math.round(startMs + share * (endMs - startMs))

export function planned(chance: Chance, span: Span): Planned[] {
  return cast.map((part) => {
    const comesMs = shareOf(span, part.comesAt) + settlingMs
    const ordering = { startMs: comesMs + settlingMs, endMs: span.endMs - lastOrderMs }
    return { part, comesMs, times: orderTimes(chance, part, ordering) }
  })
}

/** When the first of the `count` newest orders is placed. */
export function timeOfNewest(of: readonly Planned[], count: number): number {
  const times = of.flatMap(({ times: each }) => each).toSorted((one, other) => other - one)
  return times[Math.min(count, times.length) - 1] ?? 0
}

/** Puts everything that happens by itself on the agenda. */
export function plan(stage: Stage): void {
  const { span, agenda } = stage
  const at = (share: number): number => shareOf(span, share)
  agenda.at(at(0.001), async () => void stage.codes.push(...(await desk.printCodes(stage))))
  agenda.at(at(0.3), async () => await desk.printAndVoid(stage))
  for (const each of stage.planned) planCustomer(stage, each)
  for (const { at: share, fate, of } of incidents) {
    agenda.at(at(share), async () => {
      const customer = stage.customers.get(of)
      if (customer) await placeOrder(stage, customer, fate)
    })
  }
  for (const share of [0.3, 0.55, 0.75]) agenda.at(at(share), async () => await desk.decideOldest(stage))
  for (const [index, share] of [0.13, 0.28, 0.42, 0.5, 0.66, 0.81, 0.93].entries()) {
    const of = [featured, 'shop-north', 'poster-lab'][index % 3] ?? featured
    agenda.at(at(share), async () => await withCustomer(stage, of, desk.answerComplaint))
  }
  agenda.at(at(0.58), async () => await withCustomer(stage, 'Studio B', desk.replaceKey))
  agenda.at(at(0.87), async () => await withCustomer(stage, 'weekend-maker', desk.takeBack))
  agenda.at(at(0.95), async () => await withCustomer(stage, 'weekend-maker', desk.payPart))
  agenda.at(at(crowded.at), async () => crowd(stage))
  for (let ms = span.startMs + dayMs; ms < span.endMs; ms += dayMs)
    agenda.at(ms, async () => await writeUses(stage.ctx.db))
}

async function withCustomer(
  stage: Stage,
  name: string,
  does: (world: World, customer: Customer) => Promise<void>,
): Promise<void> {
  const customer = stage.customers.get(name)
  if (customer) await does(stage, customer)
}

function planCustomer(stage: Stage, { part, comesMs, times }: Planned): void {
  const { agenda, customers } = stage
  agenda.at(comesMs, async () => void customers.set(part.name, await desk.welcome(stage, part, stage.codes)))
  for (const ms of times) {
    agenda.at(ms, async () => {
      const customer = customers.get(part.name)
      if (!customer) return
      const became = await placeOrder(stage, customer)
      const { balance } = await balanceOf(stage.ctx.db.read, customer.accountId)
      const isLow = part.pays === 'invoice' && balance < part.pack * lowShare
      if (became === 'too few credits' || isLow) desk.buyWhenLow(stage, customer, stage.codes)
    })
  }
}

/** Every order is answered 429 for a while: they wait, and none is given up. */
function crowd({ ctx, sandbox, agenda, watchClosely }: Stage): void {
  sandbox.always('submit', submitAnswers.tooMany)
  watchClosely()
  agenda.at(ctx.clock.now() + crowded.forMs, async () => sandbox.always('submit', null))
}

/** Webhooks that were not taken are tried again; a look costs little. */
export function createDeliveries(ctx: Context, stage: Pick<Stage, 'agenda' | 'engine'>): () => void {
  const times = new Set<number>()
  return () => {
    for (const afterMs of deliverAgainAfterMs) {
      // In steps, so that many ends at once lead to one look.
      const atMs = Math.ceil((ctx.clock.now() + afterMs) / afterMs) * afterMs
      if (times.has(atMs)) continue
      times.add(atMs)
      stage.agenda.at(atMs, async () => {
        times.delete(atMs)
        await stage.engine.deliver()
      })
    }
  }
}
