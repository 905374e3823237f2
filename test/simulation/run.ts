// Plays many histories in a row and says how many a minute: npm run test:simulation -- --histories N --seed S.
import { parseArgs } from 'node:util'
import { seedLimit } from './chance.ts'
import { openGround } from './ground.ts'
import { describe, playSeed, shrink } from './play.ts'

const historiesDefault = '2000'

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: historiesDefault },
    seed: { type: 'string', default: String(Math.floor(Math.random() * seedLimit)) },
  },
})
const histories = Number(values.histories)
const seed = Number(values.seed)

console.log(`${histories} histories from seed ${seed}`)
const ground = await openGround()
const begun = performance.now()
let played = 0
for (; played < histories; played += 1) {
  const failure = await playSeed(ground, (seed + played) % seedLimit)
  if (!failure) continue
  console.error(describe(await shrink(ground, failure)))
  process.exitCode = 1
  break
}
ground.close()
const minutes = (performance.now() - begun) / 60_000
console.log(`${played} histories held, ${Math.round(played / minutes)} a minute`)
