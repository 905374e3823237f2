// Moves a store and kills itself at a step: FROM TO PHASE COUNT.
import { moveStore } from '../../../src/app/move/move-store.ts'
import { storeAt } from '../../../src/db/store-at.ts'

const [, , from = '', to = '', wanted, count = '1'] = process.argv
let seen = 0

await moveStore({
  from: storeAt(from),
  to: storeAt(to),
  sliceRows: 20,
  onStep({ phase }) {
    if (phase === wanted) seen += 1
    if (phase === wanted && seen === Number(count)) process.kill(process.pid, 'SIGKILL')
  },
})
