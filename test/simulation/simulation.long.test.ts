// Whatever happens in whatever order, and wherever the process is killed: money adds up, and nothing acknowledged is lost.
import { afterAll, expect, test } from 'vitest'
import { seedLimit } from './chance.ts'
import { openGround } from './ground.ts'
import { describe, playSeed, shrink } from './play.ts'

/** As many histories as there is time for; the long run is `npm run test:simulation`. */
const playForMs = 5_000
const timeoutMs = 120_000

/** Whoever names the seed means these histories, and knows how to play one again. */
const { SIMULATION_SEED: namedSeed, SIMULATION_HISTORIES: namedHistories } = process.env
const seed = namedSeed === undefined ? Math.floor(Math.random() * seedLimit) : Number(namedSeed)
const isEnough = (played: number, ms: number): boolean =>
  namedHistories === undefined ? ms >= playForMs : played >= Number(namedHistories)

const ground = await openGround()
afterAll(() => ground.close())

test(
  `random histories from seed ${seed} keep every promise`,
  async () => {
    const begunAt = performance.now()
    for (let played = 0; !isEnough(played, performance.now() - begunAt); played += 1) {
      const failure = await playSeed(ground, (seed + played) % seedLimit)
      const told = failure && (namedSeed === undefined ? await shrink(ground, failure) : failure)
      expect(told && describe(told)).toBeNull()
    }
  },
  timeoutMs,
)
