// kill -9 in the middle of the load, and again while it picks up the pieces.
import { setTimeout } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { tollgate } from '../cli/command.ts'
import { startLoad } from './support/clients.ts'
import { inWords, checkInvariants } from './support/invariants.ts'
import { chanceFor, rounds, wholeBetween } from './support/rounds.ts'
import { endScenesAfterwards, openScene, start } from './support/scene.ts'
import type { Scene } from './support/scene.ts'

endScenesAfterwards()

/** A submit counts as in hand for fifteen seconds, if nobody takes it over; starting again takes some of them. */
const leaseMs = 10_000

describe('kill -9 under load', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene()
  })

  test.for(rounds)('round %i: nothing acknowledged is lost, nothing is paid or made twice', async (round) => {
    const chance = chanceFor('kill', round)
    const readyMs: number[] = []
    // The second one meets a gateway that is taking over what the first has left.
    for (const acknowledged of [wholeBetween(chance, 20, 80), wholeBetween(chance, 1, 30)]) {
      const gateway = await start(scene)
      readyMs.push(gateway.readyMs)
      const load = startLoad(scene, gateway, { chance })
      await load.reached(acknowledged)
      await setTimeout(chance.between(0, 40))
      await gateway.kill()
      await load.stop()
    }
    const gateway = await start(scene)
    readyMs.push(gateway.readyMs)
    const { problems, ...counts } = await checkInvariants(scene, gateway)
    const { code, json } = await tollgate(scene.folder, ['ledger', 'verify', '--json'], { env: scene.env })
    expect({ code, json }).toMatchObject({ code: 0, json: { ok: true } })
    await gateway.kill()
    console.log(`round ${round}: from restart to ready ${readyMs.join(', ')} ms; ${inWords(counts)}`)
    expect(problems).toEqual([])
    expect(counts.succeeded).toBeGreaterThan(0)
    expect(counts.endedMs, 'nothing waits for the lease of a dead process').toBeLessThan(leaseMs)
  })
})
