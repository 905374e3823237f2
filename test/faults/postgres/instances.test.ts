// Several gateways on one PostgreSQL under load: one is killed, one stands still past its claims and wakes, the server restarts.
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { tollgate } from '../../cli/command.ts'
import { startLoad } from '../support/clients.ts'
import { checkInvariants, inWords } from '../support/invariants.ts'
import { chanceFor, rounds } from '../support/rounds.ts'
import { endScenesAfterwards, openScene, start, yamlWith } from '../support/scene.ts'
import type { Gateway, Scene } from '../support/scene.ts'
import { endServersAfterwards, hasServer, startServer } from './server.ts'

endScenesAfterwards()
endServersAfterwards()

const yaml = yamlWith({ timeoutMs: 2_000, giveUpAfterMs: 8_000 })
/** Longer than an instance may stand still before what it has claimed is taken from it. */
const frozenMs = 17_000

/** Each has a folder of its own, as on a machine of its own. */
const startOne = async (scene: Scene, name: string): Promise<Gateway> =>
  await start(scene, { env: { DATA_DIR: join(scene.folder, name) } })

describe.skipIf(!hasServer)('gateways on one PostgreSQL', () => {
  test.for(rounds)(
    'round %i: one killed, one frozen and woken, the server killed, a fourth started: nothing is lost or made twice',
    async (round) => {
      const server = await startServer()
      const scene = await openScene({ yaml, databaseUrl: server.databaseUrl })
      const chance = chanceFor('instances', round)
      const gateways = await Promise.all(['one', 'two', 'three'].map((name) => startOne(scene, name)))
      const loads = gateways.map((gateway) => startLoad(scene, gateway, { chance, pauseMs: 600 }))
      for (const load of loads) await load.reached(15)
      const [killed, frozen] = gateways as [Gateway, Gateway, Gateway]
      await killed.kill()
      frozen.signal('SIGSTOP')
      await setTimeout(frozenMs)
      frozen.signal('SIGCONT')
      const fourth = await startOne(scene, 'four')
      const more = startLoad(scene, fourth, { chance, pauseMs: 600 })
      await more.reached(10)
      await server.kill()
      await setTimeout(chance.between(0, 2_000))
      await server.start()
      await more.reached(more.acknowledged() + 10)
      await Promise.all([...loads, more].map((load) => load.stop()))
      const { problems, ...counts } = await checkInvariants(scene, fourth)
      console.log(`round ${round}, four instances: ${inWords(counts)}`)
      expect(problems).toEqual([])
      expect(counts.succeeded).toBeGreaterThan(counts.failed)
      const { code, json } = await tollgate(scene.folder, ['ledger', 'verify', '--json'], { env: scene.env })
      expect({ code, json }).toMatchObject({ code: 0, json: { ok: true } })
      for (const gateway of [...gateways.slice(1), fourth]) expect((await gateway.stop()).code).toBe(0)
    },
  )
})
