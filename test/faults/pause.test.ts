// A process that is stopped for longer than its leases, as by a debugger or a frozen machine, and then goes on.
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { connectClients, startLoad } from './support/clients.ts'
import { inWords, judge } from './support/invariants.ts'
import { chanceFor, rounds } from './support/rounds.ts'
import { endScenesAfterwards, openScene, start } from './support/scene.ts'

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
    // Half of these orders are with the upstream, or on their way there, at any moment.
    const load = startLoad(scene, gateway, { chance, pauseMs: 20 })
    const connected = await connectClients(scene, gateway, { chance }, 5)
    await load.reached(60)
    gateway.signal('SIGSTOP')
    // What they send is older than any limit on slow requests by the time that it is read.
    const late = Promise.all(connected.map((sendOrder) => sendOrder()))
    await setTimeout(ms)
    gateway.signal('SIGCONT')
    await setTimeout(500)
    await Promise.all([load.stop(), late])
    const { problems, ...counts } = await judge(scene, gateway)
    console.log(`${lease}: ${inWords(counts)}`)
    expect((await gateway.stop()).code).toBe(0)
    expect(problems).toEqual([])
    expect(counts.failedPlain.length, 'it met submits under way').toBeGreaterThan(0)
  },
)
