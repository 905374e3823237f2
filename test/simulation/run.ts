// Plays many histories on every core and says how many a minute: npm run test:simulation -- --histories N --seed S.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seedLimit } from './chance.ts'
import { openGround } from './ground.ts'
import { describe, playSeed, shrink } from './play.ts'

const historiesDefault = '2000'

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: historiesDefault },
    seed: { type: 'string', default: String(Math.floor(Math.random() * seedLimit)) },
    /** Said to a process of its own: it plays every `lanes`th history, from this one on. */
    lane: { type: 'string' },
    lanes: { type: 'string', default: String(availableParallelism()) },
  },
})
const histories = Number(values.histories)
const seed = Number(values.seed)
const lanes = Math.min(Number(values.lanes), histories)

if (values.lane === undefined) await playAll()
else await playLane(Number(values.lane))

async function playAll(): Promise<void> {
  console.log(`${histories} histories from seed ${seed}`)
  const begun = performance.now()
  const shared = ['--histories', String(histories), '--seed', String(seed), '--lanes', String(lanes)]
  const players = Array.from({ length: lanes }, (_, lane) =>
    fork(fileURLToPath(import.meta.url), [...shared, '--lane', String(lane)]),
  )
  const counts = await Promise.all(
    players.map(async (player) => {
      let held = 0
      player.on('message', (count: number) => {
        held = count
      })
      const [code] = await once(player, 'exit')
      if (code === 0) return held
      process.exitCode = 1
      // What broke has been told; how the others would have gone on tells nothing more.
      for (const other of players) if (other.connected) other.disconnect()
      return held
    }),
  )
  const played = counts.reduce((sum, count) => sum + count, 0)
  const minutes = (performance.now() - begun) / 60_000
  console.log(`${played} histories held, ${Math.round(played / minutes)} a minute`)
}

/** Plays until all are played, one breaks, or whoever began this is gone; and reports how many held. */
async function playLane(first: number): Promise<void> {
  const ground = await openGround()
  let held = 0
  for (let at = first; at < histories && process.connected; at += lanes) {
    const failure = await playSeed(ground, (seed + at) % seedLimit)
    if (failure) {
      console.error(describe(await shrink(ground, failure)))
      process.exitCode = 1
      break
    }
    held += 1
  }
  ground.close()
  if (process.connected) process.send?.(held)
}
