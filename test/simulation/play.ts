// Plays histories by their seeds, and makes one that broke a promise as short as is cheap.
import { chanceOf } from './chance.ts'
import { end } from './ending.ts'
import type { Ground } from './ground.ts'
import { History } from './history.ts'
import { grant } from './operator.ts'
import { drawStep, take } from './steps.ts'
import type { Step } from './steps.ts'

const stepsMin = 10
const stepsMax = 60
/** Shorter histories that are tried before the shortest so far is shown. */
const triesMax = 200

export interface Failure {
  readonly seed: number
  readonly error: Error
  readonly steps: readonly Step[]
  /** What happened, step by step. */
  readonly story: readonly string[]
}

/** Null: every promise held. */
export async function playSeed(ground: Ground, seed: number): Promise<Failure | null> {
  return await playSteps(ground, seed, drawSteps(seed))
}

function drawSteps(seed: number): Step[] {
  const chance = chanceOf(seed)
  const count = stepsMin + chance.below(stepsMax - stepsMin)
  return Array.from({ length: count }, () => drawStep(chance))
}

async function playSteps(ground: Ground, seed: number, steps: readonly Step[]): Promise<Failure | null> {
  const history = new History(ground, seed)
  const { random } = Math
  // The gateway spreads its polls by chance: by that of the history.
  Math.random = () => history.chance.share()
  try {
    await history.rest()
    grant(history)
    grant(history)
    await history.rest()
    for (const [at, { what, seed: own }] of steps.entries()) {
      history.chance = chanceOf(own)
      history.story.push(`${at + 1}. ${what}`)
      await take(history, what)
      await history.rest()
    }
    history.chance = chanceOf(seed + 1)
    await end(history)
    return null
  } catch (error) {
    return { seed, error: error as Error, steps, story: history.story }
  } finally {
    Math.random = random
    await history.close()
  }
}

/** Leaves out steps, many at a time and then fewer, for as long as some promise is still broken. */
export async function shrink(ground: Ground, failure: Failure): Promise<Failure> {
  let shortest = failure
  let tries = 0
  for (let size = Math.ceil(shortest.steps.length / 2); size >= 1 && tries < triesMax;) {
    let isShorter = false
    for (let at = 0; at < shortest.steps.length && tries < triesMax; tries += 1) {
      const rest = shortest.steps.toSpliced(at, size)
      const failed = await playSteps(ground, failure.seed, rest)
      if (failed) shortest = failed
      else at += size
      isShorter ||= failed !== null
    }
    if (size === 1 && !isShorter) break
    size = Math.max(1, Math.floor(size / 2))
  }
  return shortest
}

export function describe({ seed, error, steps, story }: Failure): string {
  return [
    `A promise is broken: ${error.stack ?? error.message}`,
    `Play it again with: npm run test:simulation -- --histories 1 --seed ${seed}`,
    `The shortest history found has ${steps.length} steps:`,
    ...story,
  ].join('\n')
}
