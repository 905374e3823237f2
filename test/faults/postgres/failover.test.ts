// A synchronous standby takes over under several gateways: nothing acknowledged is lost, nothing is ordered twice; and doctor says which standbys are none.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tollgate } from '../../cli/command.ts'
import { until } from '../../support/gateway.ts'
import { wireTo } from '../../support/stores/postgres-proxy.ts'
import { startLoad } from '../support/clients.ts'
import { checkInvariants, inWords } from '../support/invariants.ts'
import { chanceFor, rounds } from '../support/rounds.ts'
import { endScenesAfterwards, openScene, start, yamlWith } from '../support/scene.ts'
import type { Scene } from '../support/scene.ts'
import { endServersAfterwards, hasServer, startServer } from './server.ts'
import type { Server } from './server.ts'

endScenesAfterwards()
endServersAfterwards()

const yaml = yamlWith({ timeoutMs: 2_000, giveUpAfterMs: 8_000 })

async function waitFor(server: Server, names: string): Promise<void> {
  await server.ask(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`)
  await server.ask('SELECT pg_reload_conf()')
}

/** What doctor says of the durability of the store. */
async function durability({ folder, env }: Scene) {
  const { json } = await tollgate(folder, ['doctor', '--json'], { env })
  return json.findings.filter(({ check }: { check: string }) => check === 'durability')
}

describe.skipIf(!hasServer)('gateways on a PostgreSQL with a standby', () => {
  test.for(rounds)(
    'round %i: go on with the standby when the server is lost, and have lost nothing',
    async (round) => {
      const primary = await startServer()
      const standby = await primary.standby()
      const scene = await openScene({ yaml, databaseUrl: primary.databaseUrl })
      expect(await durability(scene)).toMatchObject([
        { state: 'warning', words: expect.stringContaining('synchronous_standby_names is empty') },
      ])
      await waitFor(primary, '*')
      const isWaitedFor = ([one]: { state: string }[]) => one?.state === 'ok'
      await until(async () => await durability(scene), isWaitedFor, 30_000)

      const wires = [await wireTo(primary.databaseUrl), await wireTo(primary.databaseUrl)]
      const gateways = await Promise.all(
        wires.map(async ({ databaseUrl }, at) => {
          const env = { DATA_DIR: join(scene.folder, `gateway-${at}`), DATABASE_URL: databaseUrl }
          return await start(scene, { env })
        }),
      )
      const chance = chanceFor('failover', round)
      const loads = gateways.map((gateway) => startLoad(scene, gateway, { chance, pauseMs: 300 }))
      for (const load of loads) await load.reached(20)
      await primary.kill()
      for (const wire of wires) wire.cut()
      standby.promote()
      await waitFor(standby, '')
      for (const wire of wires) {
        wire.leadTo(standby.databaseUrl)
        wire.mend()
      }
      for (const load of loads) await load.reached(load.acknowledged() + 20)
      await Promise.all(loads.map(async (load) => await load.stop()))
      const [first, second] = gateways
      const { problems, ...counts } = await checkInvariants(scene, second ?? first ?? expect.fail())
      console.log(`round ${round}, failover: ${inWords(counts)}`)
      expect(problems).toEqual([])
      expect(counts.succeeded).toBeGreaterThan(counts.failed)
      for (const gateway of gateways) expect((await gateway.stop()).code).toBe(0)
    },
  )
})
