// A process that is stopped for longer than its leases, as by a debugger or a frozen machine, and then goes on.
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startLoad } from './support/clients.ts'
import { judge } from './support/invariants.ts'
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
    await load.reached(60)
    gateway.signal('SIGSTOP')
    await setTimeout(ms)
    gateway.signal('SIGCONT')
    await setTimeout(500)
    await load.stop()
    const { problems, ...counts } = await judge(scene, gateway)
    console.log(`${lease}: ${JSON.stringify(counts)}`)
    expect((await gateway.stop()).code).toBe(0)
    expect(problems).toEqual([])
    expect(counts.failedPlain.length, 'it met submits under way').toBeGreaterThan(0)
  },
)
