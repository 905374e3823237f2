// A disk that fails: what a commit came to is unknown then, so the process stops, and nobody is told anything untrue.
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { startLoad } from './support/clients.ts'
import { inWords, checkInvariants } from './support/invariants.ts'
import { chanceFor, inTurns, wholeBetween } from './support/rounds.ts'
import { endScenesAfterwards, openScene, start } from './support/scene.ts'
import type { Scene } from './support/scene.ts'
import { injected, injecting, whyNoStrace } from './support/strace.ts'

endScenesAfterwards()

const missing = whyNoStrace()

/** The first calls are those of the start; each order takes some more. */
const errors = [
  { fault: 'fsync fails with EIO', calls: 'fsync,fdatasync', error: 'EIO', least: 5, most: 40 },
  { fault: 'pwrite64 fails with EIO', calls: 'pwrite64', error: 'EIO', least: 60, most: 600 },
  { fault: 'pwrite64 fails with ENOSPC', calls: 'pwrite64', error: 'ENOSPC', least: 60, most: 600 },
]

describe('the disk fails', () => {
  let scene: Scene
  beforeAll(async () => {
    if (missing === null) scene = await openScene()
  })

  test.for(inTurns(errors, 2))(
    'round $round: $fault: the process stops, and told nobody anything untrue',
    async ({ round, calls, error, least, most }, { skip }) => {
      skip(missing !== null, missing ?? '')
      const chance = chanceFor(`${calls} ${error}`, round)
      const log = join(scene.folder, `${calls}-${error}-${round}.strace`)
      const when = wholeBetween(chance, least, most)
      const failing = await start(scene, { under: injecting(`${calls}:error=${error}:when=${when}`, log) })
      const load = startLoad(scene, failing, { chance, pauseMs: 10 })
      await load.outlived()
      await load.stop()
      const { code, stdout } = await failing.process.ended
      expect(injected(log)).toContainEqual(expect.stringContaining(error))
      expect(stdout).toContain('the store cannot be trusted any more; start again to read it afresh')
      expect(code).toBe(1)

      const gateway = await start(scene)
      const { problems, ...counts } = await checkInvariants(scene, gateway)
      await gateway.kill()
      console.log(`call ${when} failed with ${error}; ${inWords(counts)}`)
      expect(problems).toEqual([])
    },
  )
})
