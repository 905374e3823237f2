// `npm run test:faults -- --rounds 5 --seed words`: injects every fault; what else is said goes to vitest.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { randomText } from '../../src/ids.ts'
import { root } from '../tidy/tree.ts'

const roundsDefault = 5
const roundsMax = 10_000

const rest: string[] = []
let rounds = String(roundsDefault)
let seed = randomText(8)
const words = process.argv
  .slice(2)
  .flatMap((word) => /^(--(?:rounds|seed))=(.*)$/.exec(word)?.slice(1) ?? word)
for (let word = words.shift(); word !== undefined; word = words.shift()) {
  if (word === '--rounds') rounds = words.shift() ?? ''
  else if (word === '--seed') seed = words.shift() ?? ''
  else rest.push(word)
}
if (!/^[1-9]\d*$/.test(rounds) || Number(rounds) > roundsMax || seed === '') {
  process.stderr.write(`--rounds takes a whole number from 1 to ${roundsMax}, --seed any word\n`)
  process.exit(2)
}
process.stdout.write(`Faults: ${rounds} rounds, seed ${seed}. To repeat: --rounds ${rounds} --seed ${seed}\n`)

const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const args = [vitest, 'run', '--config', 'vitest.faults.config.ts', ...rest]
const env = { ...process.env, FAULT_ROUNDS: rounds, FAULT_SEED: seed }
const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' })
const [code] = (await once(child, 'exit')) as [number | null]
process.exitCode = code ?? 1
