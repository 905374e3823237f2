// How orders of a history end: how long they take, and which of them fail in which way.
import type { Chance } from './chance.ts'

/**
 * What the upstream does with an order. `failed`: it tells that it could not be made. `refused`: it does not take the
 * order. `stuck`: it never ends. `late`: it ends after it was given up. `unanswered`: the answer to the order says
 * nothing. `cut off`: the order is taken, the connection breaks, and it is posted again. `limited`: 429 at first.
 */
export type Fate =
  | 'made'
  | 'failed'
  | 'refused'
  | 'cancelled'
  | 'stuck'
  | 'late'
  | 'unanswered'
  | 'cut off'
  | 'limited'

/** Of a thousand orders. The other fates are given to single orders. */
const perThousand: readonly (readonly [Fate, number])[] = [
  ['failed', 27],
  ['refused', 6],
  ['cancelled', 6],
  ['stuck', 2],
  ['limited', 12],
]
/** Of the outputs of an order of several, those that fail alone. */
export const singleFailures = 0.02

/** What the upstream says of a failure; the first is what the sandbox says by itself. */
export const failureWords: readonly string[] = [
  'Image generation failed due to content policy',
  'Image generation failed due to content policy',
  'The model could not finish this request, please try again',
  'The input was flagged by the safety check',
]

export function fateOf(chance: Chance): Fate {
  let left = chance.next() * 1_000
  return perThousand.find(([, share]) => (left -= share) < 0)?.[0] ?? 'made'
}

export interface Measured {
  readonly modelId: string
  readonly resolution: string | undefined
  readonly durationSeconds: number | undefined
}

const imageSeconds: Readonly<Record<string, number>> = { 'nano-banana-2': 13 }
const imageSecondsUsual = 29
const videoSecondsBase = 62
const videoSecondsPerSecond = 9
/** What is given up after twenty minutes, or forty, is not made to last longer. */
const imageSecondsMax = 9 * 60
const videoSecondsMax = 14 * 60
const fineTimes = 1.7

/** Milliseconds that the upstream needs. */
export function takesMs(chance: Chance, { modelId, resolution, durationSeconds }: Measured): number {
  const isFine = resolution === '4K' || resolution === '1080p'
  const isVideo = durationSeconds !== undefined
  const usual = isVideo
    ? videoSecondsBase + videoSecondsPerSecond * durationSeconds
    : (imageSeconds[modelId] ?? imageSecondsUsual)
  const seconds = chance.around(usual * (isFine ? fineTimes : 1), isVideo ? 0.35 : 0.42)
  return Math.round(Math.min(isVideo ? videoSecondsMax : imageSecondsMax, Math.max(4, seconds)) * 1_000)
}
