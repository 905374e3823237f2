// Work that was made and not sold: what is listed, and what a decision leads to.
import type { Guard } from '../guard.ts'

const again = 'src/tasks/corrections/charge.ts'
const reconciled = 'test/tasks/corrections/reconcile.test.ts'
const inDoubt = 'test/tasks/corrections/in-doubt.test.ts'
const money = 'migrations/sqlite/0026_money.sql'

export const guards: readonly Guard[] = [
  {
    name: 'an item is decided once',
    file: 'src/tasks/corrections/items.ts',
    search: '  if (written.length === 0) throw decidedBefore()\n',
    replacement: '',
    tests: [reconciled],
  },
  {
    name: 'a charge for late work is written down as a decision',
    file: again,
    search: '  await recordDecision(tx, decision)\n',
    replacement: '',
    tests: [reconciled],
  },
  {
    name: 'nobody is charged for work without a result',
    file: again,
    search: "if (seen.kind !== 'succeeded') {",
    replacement: 'if (false) {',
    tests: [reconciled],
  },
  {
    name: 'no result at a private address is delivered',
    file: again,
    search: '  if (isRefused(imageUrl) || isRefused(videoUrl)) throw',
    replacement: '  if (false) throw',
    tests: [reconciled],
  },
  {
    name: 'nobody is charged for ids beyond what was ordered',
    file: again,
    search: "  if (work.reason === 'extra_id' || work.reason === 'repeated_id') return null\n",
    replacement: '',
    tests: [reconciled],
  },
  {
    name: 'what is charged again is told',
    file: again,
    search: "  await tell(scope, charged, 'task.succeeded')\n",
    replacement: '',
    tests: [reconciled],
  },
  {
    name: 'late works of one order that are charged side by side find a task each',
    file: again,
    search: 'const free = await taskOfWork(tx, work)',
    replacement: 'const free = task as TaskRow | null',
    tests: [reconciled],
  },
  {
    name: 'an order that was refunded with its fate unknown is listed',
    file: 'src/tasks/submit/outcome.ts',
    search: 'if (await mayBePosted(at.tx, requestId)) await recordUnknown(at, requestId, ended)',
    replacement: '',
    tests: [reconciled, inDoubt],
  },
  {
    name: 'an order that was certainly never taken is not listed as unknown',
    file: 'src/tasks/submit/outcome.ts',
    search: 'if (await mayBePosted(at.tx, requestId)) await recordUnknown',
    replacement: 'await recordUnknown',
    tests: [inDoubt],
  },
  {
    name: 'the store lets a failed task succeed only if it was charged again',
    file: money,
    search: "WHERE NEW.`state` <> 'succeeded' OR NOT EXISTS (",
    replacement: "WHERE NEW.`state` <> 'succeeded' AND NOT EXISTS (",
    tests: [reconciled],
  },
  {
    name: 'an order that was charged again is archived whole',
    file: 'src/ledger/closing.ts',
    search: ' || chargedAgain === 1 ? [credits]',
    replacement: ' ? [credits]',
    tests: [reconciled],
  },
  {
    name: 'an order is unknown until a work of each of its tries is known',
    file: 'src/tasks/corrections/items.ts',
    search: 'AND o.attempt_id = a.id`',
    replacement: '`',
    tests: [inDoubt],
  },
  {
    name: 'an archived order is unknown only if it was',
    file: 'src/tasks/archive/remove.ts',
    search: 'const removals = [forgetKnownSubmits, ',
    replacement: 'const removals = [',
    tests: [inDoubt],
  },
  {
    name: 'a key of a refund by hand gives back once',
    file: 'src/tasks/corrections/refund.ts',
    search: '    if (before) return { done: answerAgain(before, cost), model: undefined }\n',
    replacement: '',
    tests: ['test/tasks/corrections/refund.test.ts'],
  },
  {
    name: 'a key of a refund by hand stands for that refund alone',
    file: 'src/ledger/refund.ts',
    search: 'if (!entry || !isSame) throw otherGrant()',
    replacement: 'if (!entry) throw otherGrant()',
    tests: ['test/tasks/corrections/refund.test.ts'],
  },
  {
    name: 'a key of a refund by hand grants nothing',
    file: 'src/ledger/grant.ts',
    search: "    entry.kind === (amount > 0 ? 'grant' : 'adjust') &&\n",
    replacement: '',
    tests: ['test/tasks/corrections/refund.test.ts'],
  },
]
