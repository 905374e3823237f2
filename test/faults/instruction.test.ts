// Killed at one chosen system call: before it syncs, writes, connects or answers, at its start and under load.
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { startLoad } from './support/clients.ts'
import { inWords, checkInvariants } from './support/invariants.ts'
import { chanceFor, inTurns, rounds, wholeBetween } from './support/rounds.ts'
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

let scene: Scene
beforeAll(async () => {
  if (missing === null) scene = await openScene()
})

describe('killed at one call', () => {
  test.for(inTurns(calls, 2))(
    'round $round: $name: nothing acknowledged is lost, nothing is paid or made twice',
    async ({ round, name, calls: traced, most }, { skip }) => {
      skip(missing !== null, missing ?? '')
      const chance = chanceFor(`at ${name}`, round)
      const when = wholeBetween(chance, 1, most)
      const log = join(scene.folder, `${name}-${round}.strace`)
      const dying = await launch(scene, { under: injecting(`${traced}:signal=SIGKILL:when=${when}`, log) })
      if ('url' in dying) {
        const load = startLoad(scene, dying, { chance })
        await load.outlived()
        await load.stop()
      }
      const gateway = await start(scene)
      const { problems, ...counts } = await checkInvariants(scene, gateway)
      await gateway.kill()
      const place = 'url' in dying ? 'under load' : 'at its start'
      console.log(`killed ${place} at ${name} number ${when}; ${inWords(counts)}`)
      expect(problems).toEqual([])
    },
  )

  test.for(rounds)(
    'round %i: while it takes its log into the store: nothing acknowledged is lost',
    async (round, { skip }) => {
      skip(missing !== null, missing ?? '')
      const chance = chanceFor('at checkpoint', round)
      const when = wholeBetween(chance, 1, 15)
      const injection = `pwrite64,fsync,ftruncate:signal=SIGKILL:when=${when}` as const
      const under = injecting(injection, join(scene.folder, `log-${round}.strace`), storeOf(scene))
      const dying = await start(scene, { under })
      const load = startLoad(scene, dying, { chance })
      await load.reached(30)
      await load.stop()
      // The last to close the store empties its log into it.
      await dying.stop()
      expect(dying.process.child.signalCode).toBe('SIGKILL')
      const gateway = await start(scene)
      const { problems, ...counts } = await checkInvariants(scene, gateway)
      await gateway.kill()
      console.log(`killed at call ${when} on the store; ${inWords(counts)}`)
      expect(problems).toEqual([])
    },
  )
})

/** Within what every first start makes. */
const firstCalls = [
  { name: 'fsync', calls: 'fsync,fdatasync', most: 7 },
  { name: 'pwrite64', calls: 'pwrite64', most: 70 },
]

describe('killed at one call of its first start', () => {
  test.for(inTurns(firstCalls, 1))(
    'round $round: $name: the next start makes or finds a whole store',
    async ({ round, name, calls: traced, most }, { skip }) => {
      skip(missing !== null, missing ?? '')
      const fresh = await emptyScene()
      const when = wholeBetween(chanceFor(`first ${name}`, round), 1, most)
      const log = join(fresh.folder, 'strace')
      const dying = await launch(fresh, { under: injecting(`${traced}:signal=SIGKILL:when=${when}`, log) })
      expect(dying, `it listens after ${when} calls`).not.toHaveProperty('url')
      const gateway = await start(fresh)
      const { problems } = await checkInvariants(fresh, gateway)
      await gateway.kill()
      console.log(`killed at ${name} number ${when} of its first start`)
      expect(problems).toEqual([])
    },
  )
})
