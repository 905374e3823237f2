// What a caller sees of the catalogue: prices by the plan of its account, and only models that it may order.
import type { Plans } from '../../config/config.ts'
import { nearest } from '../../config/nearest.ts'
import { ConfigError, type Locate, type Path } from '../../config/problems.ts'
import { keevxModels } from '../builtin.ts'
import type { Offer } from '../offer.ts'
import { creditsEachMax, creditsLimit } from '../price.ts'

/** Whoever orders: an account by its plan, and the models that it and its key are limited to; null: to none. */
export interface Viewer {
  readonly plan: string | null
  readonly models: readonly string[] | null
  readonly ofKey: { readonly models: readonly string[] | null } | null
}

export interface Plan {
  /** By the ids of models. */
  readonly priceTimes: ReadonlyMap<string, number>
  readonly hidden: ReadonlySet<string>
}

/** In `price_times`: every model that is not named. */
const everyOther = '*'

/** Throws ConfigError with each name that no model has. */
export function plansOf(plans: Plans, offers: readonly Offer[], locate: Locate): Map<string, Plan> {
  const problems: string[] = []
  const idAt = (name: string, path: Path): string => {
    const offer = offers.find(({ id, config }) => id === name || config.aliases?.includes(name))
    if (offer) return offer.id
    const known = offers.flatMap(({ id, config }) => [id, ...(config.aliases ?? [])])
    const meant = nearest(name, known)
    const near = meant === null ? `models are ${known.join(', ')}` : `did you mean ${meant}?`
    const hint = Object.hasOwn(keevxModels, name) ? 'catalog: keevx in tollgate.yaml brings it' : near
    problems.push(`${locate(path)}: no model is called ${name}; ${hint}`)
    return name
  }
  const read = Object.entries(plans).map(([name, { priceTimes, hide }]) => {
    const place = ['plans', name, 'price_times'] as const
    const named = Object.entries(priceTimes).flatMap(([model, times]) =>
      model === everyOther ? [] : [[idAt(model, [...place, model]), times] as const],
    )
    const others = priceTimes[everyOther]
    const all = offers.map(({ id }) => [id, others] as const).filter(([, times]) => times !== undefined)
    const plan: Plan = {
      priceTimes: new Map([...(all as [string, number][]), ...named]),
      hidden: new Set(hide.map((model, at) => idAt(model, ['plans', name, 'hide', at]))),
    }
    for (const offer of offers.filter((each) => isTooDear(each, plan))) {
      problems.push(
        `${locate([...place])}: ${offer.id} can come to more than ${creditsLimit} credits for one output`,
      )
    }
    return [name, plan] as const
  })
  if (problems.length > 0) throw new ConfigError(problems)
  return new Map(read)
}

/** With its first frame, whose price has a factor of its own. */
function isTooDear({ id, config, ways, firstFrame }: Offer, { priceTimes }: Plan): boolean {
  const longestSeconds = Math.max(1, ...ways.flatMap(({ shape }) => shape.durations))
  const own = creditsEachMax(config.price, longestSeconds) * (priceTimes.get(id) ?? 1)
  if (!firstFrame) return own > creditsLimit
  const frame = creditsEachMax(firstFrame.config.price, 1) * (priceTimes.get(firstFrame.id) ?? 1)
  return own + frame > creditsLimit
}

/** The one rule of what exists for a viewer, and at what price: all that asks for models goes by it. */
export function offersFor(offers: readonly Offer[], plan: Plan | null, viewer: Viewer): Offer[] {
  const isSeen = ({ id }: Offer): boolean =>
    !plan?.hidden.has(id) && [viewer.models, viewer.ofKey?.models].every((only) => only?.includes(id) ?? true)
  const priced = (offer: Offer): Offer => {
    const planTimes = plan?.priceTimes.get(offer.id)
    if (planTimes === undefined) return offer
    const { config } = offer
    return { ...offer, config: { ...config, price: { ...config.price, planTimes } } }
  }
  return offers.filter(isSeen).map((offer) => {
    const { firstFrame, ...rest } = priced(offer)
    if (!firstFrame) return rest
    if (isSeen(firstFrame)) return { ...rest, firstFrame: priced(firstFrame) }
    // What would be made of a hidden model is not there either.
    return { ...rest, ways: rest.ways.filter(({ isComposed }) => !isComposed) }
  })
}

/** What two viewers who see the same have in common; null: one who sees everything at the usual prices. */
export function viewOf({ plan, models, ofKey }: Viewer): string | null {
  const ofKeyAlone = ofKey?.models ?? null
  if (plan === null && models === null && ofKeyAlone === null) return null
  return JSON.stringify([plan, models, ofKeyAlone])
}
