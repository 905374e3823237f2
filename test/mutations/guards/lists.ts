// Lists and totals: a page looks at a bounded number of rows, and totals are counted as they change.
import type { Guard } from '../guard.ts'

const tests = ['test/http/long-lists.test.ts']
const migration = 'migrations/sqlite/0005_counters.sql'

export const guards: readonly Guard[] = [
  {
    name: 'a page of tasks looks at a bounded number of them',
    file: 'src/tasks/read/find.ts',
    search: "const floor = wanted === undefined ? null : await floorOf(read, 'tasks', walked)",
    replacement: 'const floor = null',
    tests,
  },
  {
    name: 'a page of accounts looks at a bounded number of them',
    file: 'src/accounts/accounts.ts',
    search: "const floor = part === null ? null : await floorOf(read, 'accounts', walked)",
    replacement: 'const floor = null',
    tests,
  },
  {
    name: 'a page that its bound cut short leads on',
    file: 'src/db/page.ts',
    search: '(page.at(-1)?.id ?? null) : floor',
    replacement: '(page.at(-1)?.id ?? null) : null',
    tests,
  },
  {
    name: 'a task is counted where it is, and no longer where it was',
    file: migration,
    search: "SET `value` = `value` - 1 WHERE `name` = 'tasks.' || OLD.`state`",
    replacement: "SET `value` = `value` - 0 WHERE `name` = 'tasks.' || OLD.`state`",
    tests,
  },
  {
    name: 'every entry is counted by its amount',
    file: migration,
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
]
