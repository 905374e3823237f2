// Two gateways on one store: one serves, every other refuses with words, and the first takes no notice.
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Ended } from '../cli/command.ts'
import { startLoad } from './support/clients.ts'
import { checkInvariants } from './support/invariants.ts'
import { chanceFor, rounds } from './support/rounds.ts'
import { emptyScene, endScenesAfterwards, launch, openScene, start, storeOf } from './support/scene.ts'
import type { Gateway, Scene } from './support/scene.ts'

endScenesAfterwards()

const refusal =
  /\.db is being served by another tollgate(?:: process \d+, started \S+)?\. One process serves a SQLite file: stop the other/
const alias = ({ folder }: Scene) => join(folder, 'alias.db')
const isServing = (one: Gateway | Ended): one is Gateway => 'url' in one

describe('two processes on one store', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene()
    symlinkSync(storeOf(scene), alias(scene))
  })

  test.for(rounds)('round %i: the second refuses, the first serves on under its load', async (round) => {
    const first = await start(scene)
    const load = startLoad(scene, first, { chance: chanceFor('twins', round) })
    await load.reached(20)
    for (const env of [{}, { DATABASE_URL: `file:${alias(scene)}` }]) {
      const second = await launch(scene, { env })
      expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(refusal) })
    }
    await load.reached(load.acknowledged() + 20)
    await load.stop()
    const { problems } = await checkInvariants(scene, first)
    expect(problems).toEqual([])
    await first.kill()
  })

  test('of four that start at once on a new store, one serves', async () => {
    const fresh = await emptyScene()
    const started = await Promise.all([1, 2, 3, 4].map(() => launch(fresh)))
    const [serving, ...more] = started.filter(isServing)
    const refused = started.filter((one): one is Ended => !isServing(one))
    expect(more).toEqual([])
    expect(refused.map(({ code }) => code)).toEqual([1, 1, 1])
    for (const { stderr } of refused) expect(stderr).toMatch(refusal)
    if (!serving) throw new Error('none serves')
    const { problems } = await checkInvariants(fresh, serving)
    expect(problems).toEqual([])
    // The lock goes with the process, however that ends.
    await serving.kill()
    const next = await start(fresh)
    expect((await next.stop()).code).toBe(0)
  })
})
