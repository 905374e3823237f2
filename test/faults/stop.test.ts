// SIGTERM in the middle of the load, as every deploy sends it: nothing is left in doubt.
import { setTimeout } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { startLoad } from './support/clients.ts'
import { inWords, checkInvariants } from './support/invariants.ts'
import { chanceFor, rounds, wholeBetween } from './support/rounds.ts'
import { endScenesAfterwards, openScene, patientYaml, start } from './support/scene.ts'
import type { Scene } from './support/scene.ts'

endScenesAfterwards()

/** Far below the deadline of a submit: nobody waits for what will not come. */
const stopMaxMs = 4_000

describe('SIGTERM under load', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene({ yaml: patientYaml })
  })

  test.for(rounds)('round %i: no submit in doubt, nothing acknowledged lost', async (round) => {
    const chance = chanceFor('stop', round)
    const gateway = await start(scene)
    // An answer that never comes would be awaited until its deadline, and then in doubt by right.
    const load = startLoad(scene, gateway, { chance, without: ['lost'], pauseMs: 20 })
    await load.reached(wholeBetween(chance, 30, 90))
    await setTimeout(chance.between(0, 40))
    const sentAt = performance.now()
    const { code } = await gateway.stop()
    const tookMs = Math.round(performance.now() - sentAt)
    await load.stop()
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(stopMaxMs)

    const next = await start(scene)
    const { problems, ...counts } = await checkInvariants(scene, next)
    expect((await next.stop()).code).toBe(0)
    console.log(`round ${round}: stopped within ${tookMs} ms; ${inWords(counts)}`)
    expect(problems).toEqual([])
    expect(counts.failedPlain, 'an order that nobody knows the outcome of is given back').toEqual([])
  })
})
