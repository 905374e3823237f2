// Whatever happens in whatever order, and wherever the process is killed: money adds up, and nothing acknowledged is lost.
import { afterAll, expect, test } from 'vitest'
import { seedLimit } from './chance.ts'
import { openGround } from './ground.ts'
import { describe, playSeed, shrink } from './play.ts'

/** A few seconds of a busy machine; the long run is `npm run test:simulation`. */
const histories = 60
const timeoutMs = 60_000

const given = process.env['SIMULATION_SEED']
const seed = given === undefined ? Math.floor(Math.random() * seedLimit) : Number(given)

const ground = await openGround()
afterAll(() => ground.close())

test(
  `${histories} random histories from seed ${seed} keep every promise`,
  async () => {
    for (let played = 0; played < histories; played += 1) {
      const failure = await playSeed(ground, (seed + played) % seedLimit)
      expect(failure && describe(await shrink(ground, failure))).toBeNull()
    }
  },
  timeoutMs,
)
