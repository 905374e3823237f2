// Lists and totals: a page looks at a bounded number of rows, and totals are counted as they change.
import type { Guard } from '../guard.ts'

const tests = ['test/http/long-lists.test.ts']
const frames = 'test/tasks/first-frame-owner.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a filtered page looks at a bounded number of rows',
    file: 'src/db/page.ts',
    search: 'for (let looked = 0; looked < lookedAtMax; looked += atOnce) {',
    replacement: 'for (let looked = 0; looked < Infinity; looked += atOnce) {',
    tests,
  },
  {
    name: 'a filtered page lets other requests run between its slices',
    file: 'src/db/page.ts',
    search: 'if (looked > 0) await setImmediate()',
    replacement: 'if (looked > Infinity) await setImmediate()',
    tests: ['test/db/page.test.ts'],
  },
  {
    name: 'a query written by hand is prepared once',
    file: 'src/db/sqlite/client.ts',
    search: 'prepared.set(sql, statement)',
    replacement: 'prepared.delete(sql)',
    tests: ['test/db/rows.test.ts'],
  },
  {
    name: 'a page that its bound cut short leads on',
    file: 'src/db/page.ts',
    search: 'return { rows, next: end }',
    replacement: 'return { rows, next: end === before ? end : null }',
    tests,
  },
  {
    name: 'a task is counted where it is, and no longer where it was',
    file: 'migrations/sqlite/0019_first_frames.sql',
    search: "SET `value` = `value` - 1 WHERE `name` = 'tasks.' || OLD.`state`",
    replacement: "SET `value` = `value` - 0 WHERE `name` = 'tasks.' || OLD.`state`",
    tests,
  },
  {
    name: 'every entry is counted by its amount',
    file: 'migrations/sqlite/0013_archived_orders.sql',
    search: '`value` + NEW.`amount`',
    replacement: '`value` + 0 * NEW.`amount`',
    tests,
  },
  {
    name: 'what a page of callbacks left out comes to its turn',
    file: 'src/tasks/callbacks/resolve.ts',
    search: 'cursor = open.length === unmatchedReadMax && last ? last : beforeAll',
    replacement: 'cursor = beforeAll',
    tests: ['test/tasks/callbacks-several.test.ts'],
  },
  {
    name: 'an order that waits for its first frame has the place of that',
    file: 'src/tasks/queue/position.ts',
    search: "order?.state === 'waiting' ?",
    replacement: "order?.state === 'failed' ?",
    tests: [frames],
  },
  {
    name: 'an order has waited in the queue since its first frame was made',
    file: 'src/tasks/read/stats.ts',
    search: 'oldest?.readyAt ?? oldest?.createdAt ?? Infinity',
    replacement: 'oldest?.createdAt ?? Infinity',
    tests: [frames],
  },
]
