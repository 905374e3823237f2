// Texts of customers: nothing that is still needed goes, and what is to go goes.
import type { Guard } from '../guard.ts'

const due = 'src/tasks/texts/due.ts'
const remove = 'src/tasks/texts/remove.ts'
const migration = 'migrations/sqlite/0028_privacy.sql'
const texts = ['test/tasks/texts.test.ts']

export const guards: readonly Guard[] = [
  {
    name: 'texts stay while a task is open',
    file: due,
    search: "OR ${ofTask(sql`t.finished_at IS NULL`)} THEN 'open'",
    replacement: "THEN 'open'",
    tests: texts,
  },
  {
    name: 'texts stay as long after the end as configured',
    file: due,
    search: "${ofTask(sql`t.finished_at >= ${endedBefore}`)} THEN 'recent'",
    replacement: "1 = 0 AND ${endedBefore} > 0 THEN 'recent'",
    tests: texts,
  },
  {
    name: 'texts stay while a repeated request is answered with them',
    file: due,
    search: "i WHERE i.request_id = r.id) THEN 'key'",
    replacement: 'i WHERE i.request_id = r.id) THEN NULL',
    tests: texts,
  },
  {
    name: 'texts stay while a webhook is under way',
    file: due,
    search: 'AND d.due_at IS NOT NULL',
    replacement: 'AND 1 = 0',
    tests: texts,
  },
  {
    name: 'the store lets no text of an open task go',
    file: migration,
    search: 'OR EXISTS (SELECT 1 FROM `tasks` WHERE `request_id` = NEW.`id` AND `finished_at` IS NULL)',
    replacement: '',
    tests: texts,
  },
  {
    name: 'a picture that an open order names stays',
    file: remove,
    search: '    if (await isInOpenOrder(tx, accountId, name)) continue\n',
    replacement: '    await isInOpenOrder(tx, accountId, name)\n',
    tests: texts,
  },
  {
    name: 'what the upstream said of an order goes with its prompt',
    file: remove,
    search: '.set({ detail: null })',
    replacement: '.set({ state: sql`state` })',
    tests: texts,
  },
  {
    name: 'a file of the archive has no texts that the store must not keep',
    file: 'src/tasks/archive/archive.ts',
    search: 'this.#hasTexts = promptsMs === null',
    replacement: 'this.#hasTexts = promptsMs !== 0',
    tests: texts,
  },
  {
    name: 'an order is not archived before its texts may go',
    file: 'src/tasks/archive/archive.ts',
    search: 'Math.max(olderThanMs, promptsMs ?? 0)',
    replacement: 'olderThanMs',
    tests: texts,
  },
]
