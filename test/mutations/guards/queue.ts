// The fair queue: turns, places, shares of the slots; and cancels, of what was certainly not ordered.
import type { Guard } from '../guard.ts'

const fair = 'test/tasks/fair-queue.test.ts'
const shares = 'test/tasks/queue-shares.test.ts'
const cancels = 'test/tasks/cancel.test.ts'
const simulation = 'test/simulation/simulation.long.test.ts'

const pick = 'src/tasks/queue/pick.ts'
const cancel = 'src/tasks/queue/cancel.ts'
const dispatch = 'src/tasks/submit/submit.ts'
const migration = 'migrations/sqlite/0009_fair_queue.sql'

export const guards: readonly Guard[] = [
  {
    name: 'an order moves its account on',
    file: pick,
    search: 'if (kept === null) line.finishTag = startTag + line.stride',
    replacement: '',
    tests: [fair],
  },
  {
    name: 'an account that was held back does not catch up',
    file: pick,
    search: 'Math.max(startTag, virtualTime - newcomerLead)',
    replacement: 'startTag',
    tests: [shares],
  },
  {
    name: 'the time of the queue is kept in the store',
    file: migration,
    search: '`virtual_time` = max(`virtual_time`, coalesce(NEW.`start_tag`, `virtual_time`))',
    replacement: '`virtual_time` = `virtual_time`',
    tests: [fair],
  },
  {
    name: 'an order that is tried again comes back to its place',
    file: migration,
    search: "WHEN NEW.`state` = 'queued' AND (OLD.`state` <> 'queued' OR NEW.`upstream` <> OLD.`upstream`)",
    replacement: 'WHEN 0',
    tests: [fair],
  },
  {
    name: 'an order whose pause is over comes back to the queue',
    file: migration,
    search: 'OLD.`not_before` IS NOT NEW.`not_before`',
    replacement: '0',
    tests: [fair],
  },
  {
    name: 'a pause keeps an order out of the queue',
    file: 'src/tasks/submit/outcome.ts',
    search: 'notBefore: decision.dueAt > nowMs ? decision.dueAt : null,',
    replacement: 'notBefore: null,',
    tests: [fair],
  },
  {
    name: 'a pause of a clock that was ahead ends',
    file: 'src/tasks/queue/pauses.ts',
    search: 'longestMs: nowMs + longestMs, max',
    replacement: 'longestMs: Number.MAX_SAFE_INTEGER, max',
    tests: [fair],
  },
  {
    name: 'an account leaves slots to others',
    file: 'src/upstream/slots.ts',
    search: 'held + 1 <= heldForEachFree * (free - 1)',
    replacement: 'free > 0',
    tests: [shares],
  },
  {
    name: 'slots that are held are counted',
    file: dispatch,
    search: 'slots.take(request.accountId)',
    replacement: 'void request',
    tests: [shares],
  },
  {
    name: 'a slot that is free is given back',
    file: dispatch,
    search: "if (upstream.slots.release(request.accountId)) setImmediate(() => ctx.wake('submit'))",
    replacement: '',
    tests: [shares],
  },
  {
    name: 'what was cancelled is not ordered with the rest',
    file: dispatch,
    search: 'count: outputs }',
    replacement: '}',
    tests: [cancels, simulation],
  },
  {
    name: 'an order that may have been taken is not cancelled',
    file: cancel,
    search: '(await mayBePosted(tx, task.requestId))',
    replacement: 'false',
    tests: [cancels, simulation],
  },
  {
    name: 'a task is cancelled by its owner alone',
    file: cancel,
    search: 'seen.accountId !== accountId',
    replacement: 'false',
    tests: [cancels],
  },
  {
    name: 'with the last of its tasks a request ends',
    file: cancel,
    search: "await moveRequest(tx, task.requestId, { from: ['queued', 'waiting'], to })",
    replacement: 'void isLast',
    tests: [cancels, simulation],
  },
  {
    name: 'what was posted is not cancelled: the schema',
    file: migration,
    search: "WHEN NEW.`cancelled` <> OLD.`cancelled` AND (OLD.`state` <> 'queued' OR NOT NEW.`cancelled`)",
    replacement: 'WHEN 0',
    tests: ['test/db/schema.test.ts'],
  },
]
