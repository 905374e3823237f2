// Two gateways on one store: one serves, every other refuses with words, and the first takes no notice.
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Ended } from '../cli/command.ts'
import { startLoad } from './support/clients.ts'
import { judge } from './support/invariants.ts'
import { chanceFor, rounds } from './support/rounds.ts'
import { emptyScene, endScenesAfterwards, launch, openScene, start, storeOf } from './support/scene.ts'
import type { Gateway } from './support/scene.ts'

endScenesAfterwards()

const refusal = /\.db is being served by another tollgate\. One process serves a SQLite file: stop the other/
const isServing = (one: Gateway | Ended): one is Gateway => 'url' in one

describe('two processes on one store', () => {
  test.for(rounds)('round %i: the second refuses, the first serves on under its load', async (round) => {
    const scene = await openScene()
    const first = await start(scene)
    const load = startLoad(scene, first, { chance: chanceFor('twins', round) })
    await load.reached(20)
    const alias = join(scene.folder, 'alias.db')
    symlinkSync(storeOf(scene), alias)
    for (const env of [{}, { DATABASE_URL: `file:${alias}` }]) {
      const second = await launch(scene, { env })
      expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(refusal) })
    }
    await load.reached(40)
    await load.stop()
    const { problems } = await judge(scene, first)
    expect(problems).toEqual([])
    await first.kill()
  })

  test.for(rounds)('round %i: of four that start at once on a new store, one serves', async () => {
    const scene = await emptyScene()
    const started = await Promise.all([1, 2, 3, 4].map(() => launch(scene)))
    const [serving, ...more] = started.filter(isServing)
    const refused = started.filter((one) => !isServing(one))
    expect(more).toEqual([])
    expect(refused.map(({ code }) => code)).toEqual([1, 1, 1])
    for (const { stderr } of refused) expect(stderr).toMatch(refusal)
    if (!serving) throw new Error('none serves')
    const { problems } = await judge(scene, serving)
    expect(problems).toEqual([])
    // The lock goes with the process, however that ends.
    await serving.kill()
    const next = await start(scene)
    expect((await next.stop()).code).toBe(0)
  })
})
