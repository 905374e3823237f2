// Texts of customers: nothing that is still needed goes, and what is to go goes.
import type { Guard } from '../guard.ts'

const due = 'src/tasks/texts/due.ts'
const remove = 'src/tasks/texts/remove.ts'
const migration = 'migrations/sqlite/0028_privacy.sql'
const erase = 'src/operators/erase.ts'
const erased = ['test/privacy/erase.test.ts']
const putBack = ['test/privacy/put-back.test.ts']
const restored = ['test/cli/erase.test.ts']
const texts = ['test/tasks/texts.test.ts']

export const guards: readonly Guard[] = [
  {
    name: 'an export does not go on behind what is no place of it',
    file: 'src/privacy/export.ts',
    search: ' && !isPlace(section, cursor)) throw',
    replacement: ' && !names.includes(section)) throw',
    tests: ['test/privacy/export.test.ts'],
  },
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
  {
    name: 'a file of the archive keeps its texts for as long as the store would have',
    file: 'src/privacy/archives.ts',
    search: 'return begunAt + promptsMs <= clock.now()',
    replacement: 'return begunAt <= clock.now()',
    tests: ['test/privacy/archives.test.ts'],
  },
  {
    name: 'an account with open tasks is not erased',
    file: erase,
    search: '  if (tasksOpen > 0) throw tasksAreOpen(tasksOpen)\n',
    replacement: '',
    tests: erased,
  },
  {
    name: 'credits are not lost with an account unless that is wanted',
    file: erase,
    search: '  if (balance > 0) throw hasCredits(balance)\n',
    replacement: '',
    tests: erased,
  },
  {
    name: 'what an account owes is not written off unless that is wanted',
    file: erase,
    search: '  if (owed > 0) throw owesCredits(owed)\n',
    replacement: '',
    tests: erased,
  },
  {
    name: 'an account is erased by whoever gives its id twice',
    file: erase,
    search: '      if (wanted.confirmed !== id) throw notConfirmed()\n',
    replacement: '',
    tests: erased,
  },
  {
    name: 'an erased account is on the list before the answer',
    file: erase,
    search: '  listErased(ctx.config, [erased.id])\n',
    replacement: '',
    tests: erased,
  },
  {
    name: 'the credits of an erased account are written off by an entry',
    file: 'src/ledger/refund.ts',
    search: "  if (balance > 0) await moveBy(tx, { accountId, kind: 'adjust', amount: -balance, nowMs })\n",
    replacement: '',
    tests: erased,
  },
  {
    name: 'no credits move to an erased account',
    file: 'src/ledger/store.ts',
    search: '  if (purse && purse.erasedAt !== null) throw erasedAccount()\n',
    replacement: '',
    tests: erased,
  },
  {
    name: 'an erased account is not changed',
    file: 'src/accounts/accounts.ts',
    search: '  if (account.erasedAt !== null) throw erasedAccount()\n',
    replacement: '',
    tests: erased,
  },
  {
    name: 'an erasure ends when nothing is left',
    file: 'src/privacy/erasing.ts',
    search: '  if (isLeft) return waits\n',
    replacement: '',
    tests: putBack,
  },
  {
    name: 'what comes back to an erased account is written off',
    file: 'src/privacy/erasing.ts',
    search: '  await forfeit({ tx, nowMs }, accountId)\n',
    replacement: '  await Promise.resolve(nowMs)\n',
    tests: putBack,
  },
  {
    name: 'a key that was made beside an erasure is revoked at its end',
    file: 'src/privacy/erasing.ts',
    search: '  await closeKeys(at, accountId)\n',
    replacement: '',
    tests: erased,
  },
  {
    name: 'the store lets no erased account come back',
    file: migration,
    search: 'NEW.`status` <> OLD.`status` OR NEW.`name` <> OLD.`name`',
    replacement: '1 = 0',
    tests: erased,
  },
  {
    name: 'the store lets only notes of erased accounts go',
    file: migration,
    search: 'AND EXISTS (SELECT 1 FROM `erasures` WHERE `account_id` = OLD.`account_id`)',
    replacement: '',
    tests: erased,
  },
  {
    name: 'an older copy is erased again while it is restored',
    file: 'src/cli/commands/store/restore.ts',
    search: 'const ids = [...listedIds(config), ...(before?.erased ?? [])]',
    replacement: 'const ids: string[] = []\n  listedIds(config)',
    tests: restored,
  },
  {
    name: 'a start erases what came back with an older copy',
    file: 'src/privacy/list.ts',
    search: 'const begun = await eraseAgain(db, listedIds(place), clock.now())',
    replacement: 'const begun = await eraseAgain(db, [], clock.now())',
    tests: putBack,
  },
]
