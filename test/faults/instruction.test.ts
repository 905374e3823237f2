// Killed at one chosen system call: before it syncs, writes, connects or answers, at its start and under load.
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { startLoad } from './support/clients.ts'
import { inWords, judge } from './support/invariants.ts'
import { chanceFor, rounds, wholeBetween } from './support/rounds.ts'
import { emptyScene, endScenesAfterwards, launch, openScene, start, storeOf } from './support/scene.ts'
import type { Scene } from './support/scene.ts'
import { injecting, whyNoStrace } from './support/strace.ts'

endScenesAfterwards()

const missing = whyNoStrace()

/** How often each is called under a load of this size, roughly: the call to die at is drawn below that. */
const calls = [
  { name: 'fsync', calls: 'fsync,fdatasync', most: 80 },
  { name: 'pwrite64', calls: 'pwrite64', most: 800 },
  { name: 'connect', calls: 'connect', most: 60 },
  { name: 'write', calls: 'write,writev,sendmsg', most: 300 },
]
describe.each(calls)('killed at $name', ({ name, calls: traced, most }) => {
  let scene: Scene
  beforeAll(async () => {
    if (missing === null) scene = await openScene()
  })

  test.for(rounds)(
    'round %i: nothing acknowledged is lost, nothing is paid or made twice',
    async (round, { skip }) => {
      skip(missing !== null, missing ?? '')
      const chance = chanceFor(`at ${name}`, round)
      const when = wholeBetween(chance, 1, most)
      const log = join(scene.folder, `round-${round}.strace`)
      const dying = await launch(scene, { under: injecting(`${traced}:signal=SIGKILL:when=${when}`, log) })
      if ('url' in dying) {
        const load = startLoad(scene, dying, { chance })
        await load.outlived()
        await load.stop()
      }
      const gateway = await start(scene)
      const { problems, ...counts } = await judge(scene, gateway)
      await gateway.kill()
      const place = 'url' in dying ? 'under load' : 'at its start'
      console.log(`killed ${place} at ${name} number ${when}; ${inWords(counts)}`)
      expect(problems).toEqual([])
    },
  )
})

describe('killed while it takes its log into the store', () => {
  let scene: Scene
  beforeAll(async () => {
    if (missing === null) scene = await openScene()
  })

  test.for(rounds)('round %i: nothing acknowledged is lost', async (round, { skip }) => {
    skip(missing !== null, missing ?? '')
    const chance = chanceFor('at checkpoint', round)
    const when = wholeBetween(chance, 1, 15)
    const injection = `pwrite64,fsync,ftruncate:signal=SIGKILL:when=${when}` as const
    const under = injecting(injection, join(scene.folder, 'strace'), storeOf(scene))
    const dying = await start(scene, { under })
    const load = startLoad(scene, dying, { chance })
    await load.reached(30)
    await load.stop()
    // The last to close the store empties its log into it.
    await dying.stop()
    expect(dying.process.child.signalCode).toBe('SIGKILL')
    const gateway = await start(scene)
    const { problems, ...counts } = await judge(scene, gateway)
    await gateway.kill()
    console.log(`killed at call ${when} on the store; ${inWords(counts)}`)
    expect(problems).toEqual([])
  })
})

describe.each([
  { name: 'fsync', calls: 'fsync,fdatasync', most: 7 },
  { name: 'pwrite64', calls: 'pwrite64', most: 70 },
])('killed at $name of its first start', ({ name, calls: traced, most }) => {
  test.for(rounds)('round %i: the next start makes or finds a whole store', async (round, { skip }) => {
    skip(missing !== null, missing ?? '')
    const scene = await emptyScene()
    const when = wholeBetween(chanceFor(`first ${name}`, round), 1, most)
    const log = join(scene.folder, 'strace')
    const dying = await launch(scene, { under: injecting(`${traced}:signal=SIGKILL:when=${when}`, log) })
    expect(dying, `it listens after ${when} calls`).not.toHaveProperty('url')
    const gateway = await start(scene)
    const { problems } = await judge(scene, gateway)
    await gateway.kill()
    console.log(`killed at ${name} number ${when} of its first start`)
    expect(problems).toEqual([])
  })
})
