// What the gateway of a history is configured to, drawn by chance, and the tollgate.yaml that says so.
import { chanceOf } from './chance.ts'
import type { Chance } from './chance.ts'

export type Model = 'picture' | 'film'
export const models = ['picture', 'film'] as const

/** Whole credits for one output. */
export type Prices = Readonly<Record<Model, number>>

export interface Rules {
  readonly queueForMs: number
  readonly attemptsMax: number
  readonly after429Ms: number
  readonly after5xxMs: number
  readonly ambiguous: 'retry' | 'wait'
  readonly inFlightMax: number
  readonly giveUpAfterMs: Readonly<Record<Model, number>>
  readonly tasksInFlightMax: number | null
  readonly upstreamKeys: readonly string[]
}

export const submitTimeoutMs = 1_000

/** A gateway reads its configuration in a millisecond or two, so only so many different ones are made. */
const variants = 24

export function drawRules(chance: Chance): Rules {
  return rulesOf(chanceOf(chance.below(variants)))
}

function rulesOf(chance: Chance): Rules {
  return {
    queueForMs: chance.pick([4_000, 20_000]),
    attemptsMax: 1 + chance.below(3),
    after429Ms: chance.pick([500, 2_000]),
    after5xxMs: chance.pick([200, 1_500]),
    ambiguous: chance.oneIn(3) ? 'wait' : 'retry',
    inFlightMax: chance.pick([2, 16]),
    giveUpAfterMs: { picture: chance.pick([2_000, 5_000]), film: 8_000 },
    tasksInFlightMax: chance.pick([null, null, 4, 8]),
    upstreamKeys: chance.oneIn(2) ? ['upstream-key'] : ['upstream-key', 'second-key'],
  }
}

/** Now and then nothing, for what costs nothing has entries all the same. */
export function drawPrices(chance: Chance): Prices {
  return { picture: chance.pick([0, 5, 15]), film: chance.pick([7, 30]) }
}

export function yamlOf(rules: Rules, prices: Prices): string {
  const { giveUpAfterMs, tasksInFlightMax } = rules
  return `
media: { store: none }
upstreams:
  keevx:
    adapter: keevx
    submit:
      queue_for: ${rules.queueForMs}ms
      timeout: ${submitTimeoutMs}ms
      attempts: ${rules.attemptsMax}
      after_429: ${rules.after429Ms}ms
      after_5xx: ${rules.after5xxMs}ms
      ambiguous: ${rules.ambiguous}
      in_flight: ${rules.inFlightMax}
    image: { poll_every: 300ms, give_up_after: ${giveUpAfterMs.picture}ms }
    video: { poll_every: 500ms, give_up_after: ${giveUpAfterMs.film}ms }
models:
  picture:
    name: Picture
    capability: text to image
    price: { credits: ${prices.picture} }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: pro } }]
  film:
    name: Film
    capability: text to video
    price: { credits: ${prices.film} }
    routes: [{ upstream: keevx, operation: image_to_video, params: { model: V } }]
limits: { tasks_in_flight: ${tasksInFlightMax ?? 'off'}, requests_per_minute: off, unauthenticated_per_minute: off }
`
}
