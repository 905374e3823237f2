// PostgreSQL is killed, cut off, silent, full, or waits for a standby: nothing acknowledged is lost or made twice.
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tollgate } from '../../cli/command.ts'
import { until } from '../../support/gateway.ts'
import { wireTo } from '../../support/stores/postgres-proxy.ts'
import { startLoad } from '../support/clients.ts'
import type { Load } from '../support/clients.ts'
import { checkInvariants, inWords } from '../support/invariants.ts'
import { endServersAfterwards, hasServer, startServer } from './server.ts'
import type { Server } from './server.ts'
import { chanceFor, rounds } from '../support/rounds.ts'
import { endScenesAfterwards, openScene, start, yamlWith } from '../support/scene.ts'
import type { Gateway, Order, Scene } from '../support/scene.ts'

endScenesAfterwards()
endServersAfterwards()

/** Polls go on for longer than a server is away; orders whose answer was lost are given up soon after. */
const yaml = yamlWith({ timeoutMs: 2_000, giveUpAfterMs: 8_000 })

interface Stage {
  readonly scene: Scene
  readonly gateway: Gateway
  readonly load: Load
}

async function stage(fault: string, databaseUrl: string, round = 1): Promise<Stage> {
  const scene = await openScene({ yaml, databaseUrl })
  const gateway = await start(scene)
  const load = startLoad(scene, gateway, { chance: chanceFor(`postgres ${fault}`, round), pauseMs: 30 })
  await load.reached(30)
  return { scene, gateway, load }
}

/** Orders are taken again; then everything is counted from outside, also by the command. Answers what is wrong. */
async function problemsAfter(fault: string, { scene, gateway, load }: Stage): Promise<readonly string[]> {
  await load.reached(load.acknowledged() + 20)
  await load.stop()
  const { problems, ...counts } = await checkInvariants(scene, gateway)
  console.log(`${fault}: ${inWords(counts)}`)
  expect(counts.succeeded).toBeGreaterThan(0)
  const { code, json } = await tollgate(scene.folder, ['ledger', 'verify', '--json'], { env: scene.env })
  expect({ code, json }).toMatchObject({ code: 0, json: { ok: true } })
  expect((await gateway.stop()).code).toBe(0)
  return problems
}

describe.skipIf(!hasServer)('PostgreSQL under load', () => {
  test.for(rounds)('round %i: killed and started again, twice', async (round) => {
    const server = await startServer()
    const all = await stage('kill', server.databaseUrl, round)
    const chance = chanceFor('postgres away', round)
    for (let time = 0; time < 2; time += 1) {
      await server.kill()
      await setTimeout(chance.between(0, 3_000))
      await server.start()
      await all.load.reached(all.load.acknowledged() + 10)
    }
    expect(await problemsAfter(`round ${round}, killed twice`, all)).toEqual([])
  })

  test.for(rounds)('round %i: killed together with the gateway', async (round) => {
    const server = await startServer()
    const { scene, gateway, load } = await stage('both', server.databaseUrl, round)
    await Promise.all([server.kill(), gateway.kill()])
    await load.stop()
    await server.start()
    const next = await start(scene)
    const again = startLoad(scene, next, { chance: chanceFor('postgres again', round), pauseMs: 30 })
    const all = { scene, gateway: next, load: again }
    expect(await problemsAfter(`round ${round}, both killed`, all)).toEqual([])
  })

  test('all packets held back, for longer than a commit may take', async () => {
    const server = await startServer()
    const wire = await wireTo(server.databaseUrl)
    const all = await stage('held', wire.databaseUrl)
    for (const heldMs of [2_000, 12_000]) {
      wire.hold()
      await setTimeout(heldMs)
      wire.mend()
      await all.load.reached(all.load.acknowledged() + 10)
    }
    expect(await problemsAfter('held back', all)).toEqual([])
  })

  test('the answer to a commit is swallowed, or cut off, or the commit is', async () => {
    const server = await startServer()
    const wire = await wireTo(server.databaseUrl)
    const all = await stage('swallowed', wire.databaseUrl)
    for (const when of [
      'before it is heard',
      'before its answer is',
      'and its answer never comes',
      'before its answer is',
    ] as const) {
      wire.cutAt({ text: 'COMMIT', when })
      await all.load.reached(all.load.acknowledged() + 10)
    }
    expect(await problemsAfter('commits cut off', all)).toEqual([])
  })

  test('no connection left', async () => {
    const server = await startServer({ max_connections: '30', superuser_reserved_connections: '0' })
    const all = await stage('full', server.databaseUrl)
    const taken = await takeEveryConnection(server)
    await setTimeout(4_000)
    for (const client of taken) await client.end()
    expect(await problemsAfter('no connection left', all)).toEqual([])
  })

  test('a synchronous standby stops: what it did not confirm is told as unknown, and nothing is made twice', async () => {
    const server = await startServer()
    const standby = await server.standby()
    await server.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
    await server.ask('SELECT pg_reload_conf()')
    const all = await stage('standby', server.databaseUrl)
    await standby.kill()
    await setTimeout(3_000)
    // As an operator does whose commits hang: the server warns that it did not wait.
    const isWaiting = "wait_event = 'SyncRep'"
    await server.ask(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE ${isWaiting}`)
    await until(
      () => [...all.scene.orders.values()].filter(isInDoubt).length,
      (found) => found > 0,
      30_000,
    )
    // For longer than a commit may take.
    await setTimeout(12_000)
    await standby.start()
    expect(await problemsAfter('standby stopped', all)).toEqual([])
  })
})

describe.skipIf(!hasServer)('SIGTERM while PostgreSQL is away', () => {
  /** After so long supervisors kill. */
  const stopMaxMs = 10_000

  test.each(['killed', 'silent'] as const)(
    'under load, %s: it ends in time and says what is left',
    async (how) => {
      const server = await startServer()
      const wire = await wireTo(server.databaseUrl)
      const { scene, gateway, load } = await stage(how, wire.databaseUrl)
      if (how === 'killed') await server.kill()
      else wire.hold()
      await setTimeout(500)
      const { code, tookMs, stdout } = await stopped(gateway)
      await load.stop()
      expect(tookMs).toBeLessThan(stopMaxMs)
      const lost = stdout.split('\n').filter((line) => line.includes('an answer was not written down')).length
      expect(code).toBe(lost === 0 ? 0 : 1)
      if (lost > 0) expect(stdout).toMatch(/what upstreams answered to .* could not be written down/)
      wire.mend()
      if (how === 'killed') await server.start()
      const next = await start(scene)
      const again = startLoad(scene, next, { chance: chanceFor('after', 1), pauseMs: 30 })
      const fault = `${how}: ended after ${tookMs} ms, ${lost} lost`
      expect(await problemsAfter(fault, { scene, gateway: next, load: again })).toEqual([])
    },
  )

  test('with nothing under way: it ends at once, in order', async () => {
    const server = await startServer()
    const scene = await openScene({ yaml, databaseUrl: server.databaseUrl })
    const gateway = await start(scene)
    await server.kill()
    await setTimeout(500)
    const { code, tookMs } = await stopped(gateway)
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(4_000)
  })
})

/** Its client was answered, and told that nobody knows. */
const isInDoubt = ({ told, words }: Order): boolean => told === 'unknown' && words.startsWith('503 ')

async function stopped(gateway: Gateway) {
  const sentAt = performance.now()
  const { code, stdout } = await gateway.stop()
  return { code, stdout, tookMs: Math.round(performance.now() - sentAt) }
}

/** Those of the gateway are ended, and have no room any more. */
async function takeEveryConnection({ port }: Server): Promise<pg.Client[]> {
  const taken: pg.Client[] = []
  const connected = async (): Promise<boolean> => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'tollgate', database: 'postgres' })
    client.on('error', () => undefined)
    try {
      await client.connect()
    } catch {
      return false
    }
    taken.push(client)
    return true
  }
  await connected()
  const endOthers =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'tollgate%'"
  for (let calm = 0; calm < 10;) {
    await taken[0]?.query(endOthers)
    if (await connected()) calm = 0
    else calm += 1
  }
  onTestFinished(async () => {
    for (const client of taken) await client.end()
  })
  return taken
}
