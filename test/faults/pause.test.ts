// A process that is stopped for longer than its leases, as by a debugger or a frozen machine, and then goes on.
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { connectClients, startLoad } from './support/clients.ts'
import { inWords, checkInvariants } from './support/invariants.ts'
import { operator } from './support/outside.ts'
import { chanceFor, rounds } from './support/rounds.ts'
import { endScenesAfterwards, openScene, start } from './support/scene.ts'
import type { Gateway, Scene } from './support/scene.ts'

endScenesAfterwards()

/** The lease of a submit is its timeout and fifteen seconds; that of a poll is a minute. */
const pauses = [
  { lease: 'the lease of a submit', ms: 16_500, roundsMin: 1 },
  { lease: 'the lease of a poll', ms: 62_000, roundsMin: 5 },
]

test.for(pauses)(
  'SIGSTOP for longer than $lease, then SIGCONT: nothing is doubled',
  async (pause, { skip }) => {
    const { ms, roundsMin, lease } = pause
    skip(rounds.length < roundsMin, `it takes a minute; --rounds ${roundsMin} or more runs it`)
    const chance = chanceFor(`pause ${ms}`, 1)
    const scene = await openScene()
    const gateway = await start(scene)
    // Without plain ones, some are with the upstream, waiting for its answer, at any moment.
    const load = startLoad(scene, gateway, { chance, without: ['plain'], pauseMs: 20 })
    const connected = await connectClients(scene, gateway, { chance }, 5)
    await load.reached(60)
    gateway.signal('SIGSTOP')
    // What they send is older than any limit on slow requests by the time that it is read.
    const late = Promise.all(connected.map((sendOrder) => sendOrder()))
    await setTimeout(ms)
    gateway.signal('SIGCONT')
    await setTimeout(500)
    await Promise.all([load.stop(), late])
    const { problems, ...counts } = await checkInvariants(scene, gateway)
    const met = await submitsLongerThan(scene, gateway, ms)
    console.log(`${lease}, in the middle of ${met} submits: ${inWords(counts)}`)
    expect((await gateway.stop()).code).toBe(0)
    expect(problems).toEqual([])
    expect(met, 'submits that were under way').toBeGreaterThan(0)
  },
)

/** How many submits began before the pause and ended after it. */
async function submitsLongerThan({ orders }: Scene, { url }: Gateway, ms: number): Promise<number> {
  let met = 0
  for (const { taskIds } of orders.values()) {
    if (taskIds.length === 0) continue
    const { attempts } = await operator(url, `/tasks/${taskIds[0]}`)
    met += attempts.filter((one: any) => one.finished_at_ms - one.started_at_ms > ms).length
  }
  return met
}
