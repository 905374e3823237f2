// Waiting for a task: told at once, bounded, and never in the way of those who leave or of a stop.
import type { Guard } from '../guard.ts'

const places = 'test/tasks/waiting.test.ts'
const wire = 'test/http/waiting.test.ts'

const waiters = 'src/tasks/wait/waiters.ts'
const waiting = 'src/tasks/wait/wait.ts'
const http = 'src/http/v1/wait.ts'

export const guards: readonly Guard[] = [
  {
    name: 'an end is told to those who wait',
    file: 'src/tasks/settle.ts',
    search: '    ctx.changes.tell(task.requestId)\n',
    replacement: '',
    tests: [places],
  },
  {
    name: 'what an answer to an order means is told to those who wait',
    file: 'src/tasks/submit/outcome.ts',
    search: '  ctx.changes.tell(submission.request.id)\n',
    replacement: '',
    tests: [places],
  },
  {
    name: 'what was swept up is told to those who wait',
    file: 'src/tasks/rescue/rescue.ts',
    search: '        ctx.changes.tell(request.id)\n',
    replacement: '',
    tests: [places],
  },
  {
    name: 'an order that a callback brought home is told to those who wait',
    file: 'src/tasks/callbacks/resolve.ts',
    search: '  ctx.changes.tell(request)\n',
    replacement: '',
    tests: [places],
  },
  {
    name: 'what others change is seen by those who wait',
    file: waiting,
    search: '      await lookAround()\n',
    replacement: '',
    tests: [places],
  },
  {
    name: 'what is told while a client is being answered is not lost',
    file: waiting,
    search: "  if (told) return 'changed'\n",
    replacement: '',
    tests: [places],
  },
  {
    name: 'one account cannot take all places',
    file: waiters,
    search: '      if (present >= ofAccountMax) throw tooManyOfAccount(ofAccountMax)\n',
    replacement: '',
    tests: [places],
  },
  {
    name: 'the places are counted',
    file: waiters,
    search: '      if (all.size >= max) throw tooMany()\n',
    replacement: '',
    tests: [places],
  },
  {
    name: 'who leaves twice frees one place',
    file: waiters,
    search: '      if (!all.delete(waiter)) return\n',
    replacement: '      all.delete(waiter)\n',
    tests: [places],
  },
  {
    name: 'a client that goes away leaves its place',
    file: http,
    search: "  reply.raw.once('close', () => place.leave())\n",
    replacement: '',
    tests: [wire],
  },
  {
    name: 'a stop waits for nobody who waits',
    file: 'src/http/surfaces/customers.ts',
    search: "  app.addHook('preClose', async () => await waiting.stop())\n",
    replacement: '',
    tests: [wire],
  },
  {
    name: 'a store that has failed tells those who wait nothing',
    file: http,
    search: '      if (hasFailed()) throw storeFailed()\n',
    replacement: '',
    tests: [wire],
  },
  {
    name: 'thousands who wait for the same commit are not all woken in one turn',
    file: 'src/tasks/wait/wait.ts',
    search: 'if (wokenInTurn >= atOnceMax) break',
    replacement: '',
    tests: ['test/load/many-waiters.test.ts'],
  },
]
