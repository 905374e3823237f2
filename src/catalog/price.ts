// What an order costs: exact decimals in, whole credits out, rounded up.
import type { PricedParameter, PriceFactors, PriceRule } from '../config/config.ts'
import type { Order } from '../upstream/adapter.ts'

export type PricedWords = Pick<Order, 'aspectRatio' | 'resolution' | 'durationSeconds' | 'generateAudio'>

/** Whole credits per output, with all defaults resolved. */
export function creditsEach(rule: PriceRule, order: PricedWords): number {
  const factors = [...factorsFor(rule.times, order), rule.planTimes ?? 1]
  if ('credits' in rule) return roundedUp([rule.credits, ...factors])
  return roundedUp([rule.perSecond, order.durationSeconds ?? 0, ...factors])
}

/** The factors that apply to an order. */
export function factorsFor(times: PriceFactors, order: PricedWords): number[] {
  const words: Readonly<Record<PricedParameter, string>> = {
    aspect_ratio: order.aspectRatio,
    resolution: order.resolution,
    duration: String(order.durationSeconds),
    // If a way does not support sound, the video has none.
    generate_audio: String(order.generateAudio ?? false),
  }
  return factorsOf(times)
    .filter(({ parameter, value }) => isSameWord(value, words[parameter]))
    .map(({ factor }) => factor)
}

export interface Factor {
  readonly parameter: PricedParameter
  readonly value: string
  readonly factor: number
}

/** The parameters that can affect the price and have defaults in a model. */
export const pricedParameters = ['aspect_ratio', 'resolution', 'duration', 'generate_audio'] as const

const factorsKnown = new WeakMap<PriceFactors, readonly Factor[]>()

export function factorsOf(times: PriceFactors): readonly Factor[] {
  const factors = factorsKnown.get(times) ?? listFactors(times)
  factorsKnown.set(times, factors)
  return factors
}

function listFactors(times: PriceFactors): Factor[] {
  return pricedParameters.flatMap((parameter) =>
    Object.entries(times[parameter] ?? {}).map(([value, factor]) => ({ parameter, value, factor })),
  )
}

function isSameWord(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** Balances are sums of such prices, and must stay exact integers in JavaScript. */
export const creditsLimit = 1_000_000_000_000

/** An upper bound of the price per output; rough, but never too low. */
export function creditsEachMax(rule: PriceRule, longestSeconds: number): number {
  const factors = Object.values(rule.times).map((values) => Math.max(1, ...Object.values(values ?? {})))
  const base = 'credits' in rule ? rule.credits : rule.perSecond * longestSeconds
  return factors.reduce((product, factor) => product * factor, base * (rule.planTimes ?? 1))
}

/** A lower bound of the price per output; rough, but never too high. */
export function creditsEachMin(rule: PriceRule, shortestSeconds: number): number {
  const factors = Object.values(rule.times).map((values) => Math.min(1, ...Object.values(values ?? {})))
  const base = 'credits' in rule ? rule.credits : rule.perSecond * shortestSeconds
  return Math.floor(factors.reduce((product, factor) => product * factor, base * (rule.planTimes ?? 1)))
}

/** Configured numbers have at most this many decimals. */
const decimals = 6

/** The exact product, rounded up: 100 × 1.1 is 110, not 111 as in floating point. */
export function roundedUp(numbers: readonly number[]): number {
  // Whole numbers, the usual case, need no scaling.
  const whole = numbers.reduce((product, number) => product * number, 1)
  if (numbers.every(Number.isInteger) && Number.isSafeInteger(whole)) return whole
  let product = 1n
  let scale = 1n
  for (const number of numbers) {
    product *= scaled(number)
    scale *= 10n ** BigInt(decimals)
  }
  return Number((product + scale - 1n) / scale)
}

/** Configured numbers are far enough below 2^53 that rounding to the decimals restores the written value. */
function scaled(number: number): bigint {
  const [whole = '0', fraction = ''] = number.toFixed(decimals).split('.')
  return BigInt(whole + fraction)
}
