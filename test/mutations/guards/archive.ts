// Archived orders: what keeps an order that is still of use, and the ledger whole when one goes.
import type { Guard } from '../guard.ts'

const archive = 'test/tasks/archive/archive.long.test.ts'
const closings = 'test/tasks/archive/closings.test.ts'
const orders = 'src/tasks/archive/orders.ts'
const remove = 'src/tasks/archive/remove.ts'
const closing = 'src/ledger/closing.ts'

export const guards: readonly Guard[] = [
  {
    name: 'an order stays while its key answers with it',
    file: orders,
    search: "WHERE i.request_id = r.id) THEN 'key'",
    replacement: 'WHERE i.request_id = r.id) THEN NULL',
    tests: [archive],
  },
  {
    name: 'an order stays while it may be called back for',
    file: orders,
    search: 'a.callback_token_hash IS NOT NULL AND a.started_at > ${tokensAfter}',
    replacement: '1 = 0',
    tests: [archive],
  },
  {
    name: 'an order stays while a file of it is kept',
    file: orders,
    search: 'FROM ${media} m WHERE m.task_id = t.id',
    replacement: 'FROM ${media} m WHERE 1 = 0',
    tests: [archive],
  },
  {
    name: 'an order stays while its webhook is under way',
    file: orders,
    search: 'AND d.due_at IS NOT NULL',
    replacement: 'AND 1 = 0',
    tests: [archive],
  },
  {
    name: 'an order stays until the last of it ended long ago',
    file: orders,
    search: 't.finished_at >= ${endedBefore}',
    replacement: '1 = 0',
    tests: [archive],
  },
  {
    name: 'what has changed since it was written stays',
    file: remove,
    search: ' || order.mark !== mark',
    replacement: '',
    tests: [archive],
  },
  {
    name: 'no secret of a callback stands in a file',
    file: orders,
    search: "new Set(['callback_token_hash'])",
    replacement: 'new Set()',
    tests: [archive],
  },
  {
    name: 'a file is on the disk before its rows go',
    file: 'src/tasks/archive/archive.ts',
    search: 'this.#written.push(...',
    replacement: 'this.#removing.push(...',
    tests: [archive],
  },
  {
    name: 'while the clock is not believed nothing is archived for its age',
    file: 'src/tasks/archive/retention.ts',
    search: ' || !ctx.time.mayEnd(tasksMs)',
    replacement: '',
    tests: [archive],
  },
  {
    name: 'what does not add up is not closed',
    file: closing,
    search: 'if (!addsUp(task, ofTask, again.length)) return false',
    replacement: '',
    tests: [closings],
  },
  {
    name: 'a closing has what was charged',
    file: closing,
    search: 'charged: isCharge ? -amount : 0,',
    replacement: 'charged: 0,',
    tests: [closings],
  },
  {
    name: 'a closing counts refunds',
    file: closing,
    search: 'refunds: isCharge ? 0 : 1,',
    replacement: 'refunds: 0,',
    tests: [closings],
  },
  {
    name: 'the audit compares closings with the entries that lost their task',
    file: 'src/ledger/coherence.ts',
    search: 'compared WHERE expected <> found',
    replacement: 'compared WHERE 1 = 0',
    tests: [archive],
  },
  {
    name: 'an entry without its task needs a closing',
    file: 'src/ledger/coherence.ts',
    search: 'c.task_id IS NOT NULL AND p.id IS NULL AND NOT EXISTS',
    replacement: '1 = 0 AND NOT EXISTS',
    tests: [archive],
  },
  {
    name: 'the schema lets no task go that is not closed',
    file: 'migrations/sqlite/0013_archived_orders.sql',
    search: 'CREATE TRIGGER `only_closed_tasks_are_removed` BEFORE DELETE ON `tasks`\nBEGIN',
    replacement: 'CREATE TRIGGER `only_closed_tasks_are_removed` BEFORE DELETE ON `tasks` WHEN 1 = 0\nBEGIN',
    tests: [closings],
  },
]
