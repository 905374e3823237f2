// What the store itself refuses, whoever asks: checks, unique keys and triggers.
import type { Guard } from '../guard.ts'

const file = 'migrations/sqlite/0000_first.sql'
/** Builds the table of accounts anew. */
const accounts = 'migrations/sqlite/0007_clock_and_bounds.sql'
/** Builds the table of entries anew, with its triggers. */
const entries = 'migrations/sqlite/0013_archived_orders.sql'
/** Builds the table of orphans anew. */
const orphans = 'migrations/sqlite/0010_unanswered_orphans.sql'
/** Changes the checks of entries in place. */
const money = 'migrations/sqlite/0026_money.sql'
/** Lets texts of erased accounts go. */
const privacy = 'migrations/sqlite/0028_privacy.sql'
const tests = ['test/db/schema.test.ts']
const owed = ['test/credits/owed.test.ts']

export const guards: readonly Guard[] = [
  {
    name: 'the store holds no balance below zero',
    file: accounts,
    search: 'CHECK("__new_accounts"."balance" >= 0 AND',
    replacement: 'CHECK("__new_accounts"."balance" >= -1000000 AND',
    tests,
  },
  {
    name: 'the store counts no fewer than zero open tasks',
    file: accounts,
    search: 'CHECK("__new_accounts"."tasks_open" >= 0)',
    replacement: 'CHECK("__new_accounts"."tasks_open" >= -1000000)',
    tests,
  },
  {
    name: 'the store counts no less than zero credits in flight',
    file: accounts,
    search: 'CHECK("__new_accounts"."credits_open" >= 0)',
    replacement: 'CHECK("__new_accounts"."credits_open" >= -1000000)',
    tests,
  },
  {
    name: 'the store holds one charge and one refund for a task',
    file: entries,
    search: 'CREATE UNIQUE INDEX `entries_task_kind`',
    replacement: 'CREATE INDEX `entries_task_kind`',
    tests,
  },
  {
    name: "the store holds one grant for an operator's key",
    file: entries,
    search: 'CREATE UNIQUE INDEX `entries_idempotency`',
    replacement: 'CREATE INDEX `entries_idempotency`',
    tests,
  },
  {
    name: 'the store takes no grant that takes',
    file: money,
    search: "WHEN 'grant' THEN `amount` > 0",
    replacement: "WHEN 'grant' THEN true",
    tests,
  },
  {
    name: 'the store takes no entry that leads below zero',
    file: entries,
    search: 'CHECK("__new_entries"."balance_after" >= 0)',
    replacement: 'CHECK("__new_entries"."balance_after" >= -1000000)',
    tests,
  },
  {
    name: 'the store knows charges and refunds of tasks alone',
    file: entries,
    search: 'CHECK(("__new_entries"."task_id" IS NOT NULL) = ',
    replacement: 'CHECK(true OR ("__new_entries"."task_id" IS NOT NULL) = ',
    tests,
  },
  {
    name: 'the store knows what an account owes by its entries alone',
    file: money,
    search: '+ NEW.`owed_change` IS NOT NEW.`owed_after`;',
    replacement: '+ 1 IS NULL;',
    tests: owed,
  },
  {
    name: 'the store takes no debt while something is left',
    file: money,
    search: 'AND `balance_after` = 0) ELSE',
    replacement: ') ELSE',
    tests: owed,
  },
  {
    name: 'the store takes no debt that is less than nothing',
    file: money,
    search: 'CHECK(`owed` >= 0 AND `owed` <=',
    replacement: 'CHECK(`owed` <=',
    tests: owed,
  },
  {
    name: 'the store changes no entry',
    file: privacy,
    search: 'WHERE NOT (NEW.`note` IS NULL AND',
    replacement: 'WHERE 1 = 0 AND NOT (NEW.`note` IS NULL AND',
    tests,
  },
  {
    name: 'the store deletes no entry',
    file: entries,
    search: "SELECT RAISE(ABORT, 'the ledger is append-only: an entry is never deleted');",
    replacement: 'SELECT 1;',
    tests,
  },
  {
    name: "the store charges a task's own price to its own account",
    file: entries,
    search: "BEFORE INSERT ON `entries` WHEN NEW.`kind` = 'charge'",
    replacement: "BEFORE INSERT ON `entries` WHEN NEW.`kind` = 'none'",
    tests,
  },
  {
    name: 'the store gives back what was charged, to whom it was charged',
    file: entries,
    search: "BEFORE INSERT ON `entries` WHEN NEW.`kind` = 'refund'",
    replacement: "BEFORE INSERT ON `entries` WHEN NEW.`kind` = 'none'",
    tests,
  },
  {
    name: 'the store lets no ended task change its state',
    file: money,
    search: "WHEN OLD.`state` IN ('succeeded', 'failed') AND NEW.`state` <> OLD.`state`",
    replacement: 'WHEN false',
    tests,
  },
  {
    name: 'the store changes no price',
    file,
    search: 'WHEN NEW.`credits` <> OLD.`credits` OR',
    replacement: 'WHEN',
    tests,
  },
  {
    name: 'the store moves no task to another account',
    file,
    search: 'OR NEW.`account_id` <> OLD.`account_id`',
    replacement: '',
    tests,
  },
  {
    name: 'the store has each upstream task once',
    file,
    search: 'CREATE UNIQUE INDEX `tasks_upstream`',
    replacement: 'CREATE INDEX `tasks_upstream`',
    tests,
  },
  {
    name: 'the store knows what each task in it gave back',
    file,
    search: 'CHECK("tasks"."credits_refunded" = CASE',
    replacement: 'CHECK(true OR "tasks"."credits_refunded" = CASE',
    tests,
  },
  {
    name: 'the store holds no success without a result',
    file,
    search: 'CONSTRAINT "tasks_succeeded" CHECK(',
    replacement: 'CONSTRAINT "tasks_succeeded" CHECK(true OR ',
    tests,
  },
  {
    name: 'the store holds no failure without a reason',
    file,
    search: 'CONSTRAINT "tasks_failed" CHECK(',
    replacement: 'CONSTRAINT "tasks_failed" CHECK(true OR ',
    tests,
  },
  {
    name: 'the store counts the attempts of a request',
    file,
    search: 'CREATE UNIQUE INDEX `attempts_request_number`',
    replacement: 'CREATE INDEX `attempts_request_number`',
    tests,
  },
  {
    name: 'the store knows each orphan once',
    file: orphans,
    search: 'CREATE UNIQUE INDEX `orphans_once`',
    replacement: 'CREATE INDEX `orphans_once`',
    tests,
  },
  {
    name: 'the store has each secret once',
    file,
    search: 'CREATE UNIQUE INDEX `keys_hash`',
    replacement: 'CREATE INDEX `keys_hash`',
    tests,
  },
  {
    name: 'the store has one request for an idempotency key',
    file: 'migrations/sqlite/0001_callbacks_and_idempotency.sql',
    search: 'CREATE UNIQUE INDEX `idempotency_key`',
    replacement: 'CREATE INDEX `idempotency_key`',
    tests,
  },
]
