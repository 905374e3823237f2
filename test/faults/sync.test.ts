// A disk that fails: what a commit came to is unknown then, so nobody is told that nothing was charged.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startLoad } from './support/clients.ts'
import { judge } from './support/invariants.ts'
import { chanceFor, rounds, wholeBetween } from './support/rounds.ts'
import { endScenesAfterwards, openScene, start } from './support/scene.ts'
import { injected, injecting, whyNoStrace } from './support/strace.ts'

endScenesAfterwards()

const missing = whyNoStrace()

const errors = [
  { fault: 'fsync fails with EIO', calls: 'fsync,fdatasync', error: 'EIO', after: 5 },
  { fault: 'pwrite64 fails with EIO', calls: 'pwrite64', error: 'EIO', after: 60 },
  { fault: 'pwrite64 fails with ENOSPC', calls: 'pwrite64', error: 'ENOSPC', after: 60 },
]

describe.each(errors)('$fault', ({ calls, error, after }) => {
  test.for(rounds)('round %i: the process stops, and nobody was told anything untrue', async (round, { skip }) => {
    skip(missing !== null, missing ?? '')
    const chance = chanceFor(`${calls} ${error}`, round)
    const scene = await openScene()
    const log = join(scene.folder, 'strace')
    const when = wholeBetween(chance, after, after * 6)
    const failing = await start(scene, { under: injecting(`${calls}:error=${error}:when=${when}`, log) })
    const load = startLoad(scene, failing, { chance, pauseMs: 10 })
    await load.outlived()
    await load.stop()
    const { code, stdout, stderr } = await failing.process.ended
    const told = [...scene.orders.values()].filter((o)=>o.words).map((o)=>o.words)
    console.log({ code, stderr, stdout: stdout.slice(0, 3000), hits: injected(log), told })
    expect(code).toBe(1)

    const gateway = await start(scene)
    const { problems, ...counts } = await judge(scene, gateway)
    await gateway.kill()
    console.log(JSON.stringify(counts))
    expect(problems).toEqual([])
  })
})
