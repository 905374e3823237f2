// A disk that fills up: no order is half taken, and once there is room again the gateway serves as if nothing had been.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startLoad } from './support/clients.ts'
import { fill, mountTmpfs, unmount, unmountAfterwards, whyNoMount } from './support/disks.ts'
import { judge } from './support/invariants.ts'
import { chanceFor, rounds } from './support/rounds.ts'
import { endScenesAfterwards, launch, openScene, start } from './support/scene.ts'

endScenesAfterwards()
unmountAfterwards()

const missing = whyNoMount('tmpfs')

describe('a full tmpfs', () => {
  test.for(rounds)('round %i: nothing half done, and nothing acknowledged lost', async (round, { skip }) => {
    skip(missing !== null, missing ?? '')
    const chance = chanceFor('full', round)
    const disk = mountTmpfs('16m')
    const scene = await openScene({ dataDir: join(disk, 'data') })
    const filling = await start(scene)
    const filler = fill(disk, Math.round(chance.between(100_000, 900_000)))
    const load = startLoad(scene, filling, { chance, pauseMs: 10 })
    await load.outlived()
    await load.stop()
    const { code, stdout, stderr } = await filling.process.ended
    const told = [...scene.orders.values()].filter((o)=>o.words).map((o)=>o.words)
    console.log({ code, stderr, stdout: stdout.slice(0, 3000), told })
    const still = await launch(scene)
    console.log(still)
    if ('url' in still) {
      const load = startLoad(scene, still, { chance, pauseMs: 10 })
      await load.outlived()
      await load.stop()
      console.log(await still.process.ended)
    }
    rmSync(filler)
    const gateway = await start(scene)
    const { problems, ...counts } = await judge(scene, gateway)
    console.log(counts)
    await gateway.kill()
    expect(problems).toEqual([])
    unmount(disk)
  })
})
