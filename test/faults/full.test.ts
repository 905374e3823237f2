// A disk that fills up: no order is half taken, and with room again the gateway serves on from where it was.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startLoad } from './support/clients.ts'
import { fill, mountTmpfs, unmount, unmountAfterwards, whyNoMount } from './support/disks.ts'
import { inWords, checkInvariants } from './support/invariants.ts'
import { chanceFor, rounds } from './support/rounds.ts'
import { endScenesAfterwards, launch, openScene, start } from './support/scene.ts'
import type { Gateway } from './support/scene.ts'

unmountAfterwards()
endScenesAfterwards()

const missing = whyNoMount('tmpfs')

describe('a full tmpfs', () => {
  test.for(rounds)(
    'round %i: nothing is half done, and nothing acknowledged lost',
    async (round, { skip }) => {
      skip(missing !== null, missing ?? '')
      const chance = chanceFor('full', round)
      const disk = mountTmpfs('16m')
      const scene = await openScene({ dataDir: join(disk, 'data') })
      const orderUntilItStops = async (gateway: Gateway) => {
        const load = startLoad(scene, gateway, { chance, pauseMs: 10 })
        await load.outlived()
        await load.stop()
        return await gateway.process.ended
      }
      const filling = await start(scene)
      const filler = fill(disk, Math.round(chance.between(100_000, 900_000)))
      const first = await orderUntilItStops(filling)
      expect(first.stdout).toContain('database or disk is full')
      expect(first.code).toBe(1)

      // A supervisor starts it again, and there is no more room than before.
      const again = await launch(scene)
      const second = 'url' in again ? await orderUntilItStops(again) : again
      expect(second.stdout + second.stderr).toContain('database or disk is full')
      expect(second.code).toBe(1)

      rmSync(filler)
      const gateway = await start(scene)
      const load = startLoad(scene, gateway, { chance })
      await load.reached(5)
      await load.stop()
      const { problems, ...counts } = await checkInvariants(scene, gateway)
      await gateway.kill()
      unmount(disk)
      console.log(inWords(counts))
      expect(problems).toEqual([])
    },
  )
})
