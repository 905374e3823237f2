// Reports: what work costs is fixed, nothing unknown counts as nothing, and every figure is what the rows say.
import type { Guard } from '../guard.ts'

const migration = 'migrations/sqlite/0027_reports.sql'
const costs = 'test/tasks/costs.test.ts'
const rebuilds = 'test/ledger/reports/rebuild.test.ts'
const reports = 'test/ledger/reports/report.test.ts'
const http = 'test/http/reports.test.ts'
const lines = 'src/ledger/reports/lines.ts'
const figures = 'src/ledger/reports/figures.ts'
const seals = 'src/ledger/reports/seals.ts'

export const guards: readonly Guard[] = [
  {
    name: 'the store changes no cost of what was ordered',
    file: migration,
    search: "WHEN NEW.`cost` IS NOT OLD.`cost` AND OLD.`state` <> 'queued'",
    replacement: 'WHEN 0',
    tests: [costs],
  },
  {
    name: 'the store changes no cost of an orphan',
    file: migration,
    search: 'ON `orphans` WHEN NEW.`cost` IS NOT OLD.`cost`',
    replacement: 'ON `orphans` WHEN 0',
    tests: [costs],
  },
  {
    name: 'a success is reported with its cost',
    file: migration,
    search:
      "WHEN NEW.`state` = 'succeeded' AND OLD.`state` <> 'succeeded' AND NEW.`step` IS NOT 'first_frame'",
    replacement: 'WHEN 0',
    tests: [costs],
  },
  {
    name: 'a first frame is reported with its order',
    file: migration,
    search: "WHEN NEW.`step` = 'video' AND NEW.`state` IN ('succeeded', 'failed')",
    replacement: "WHEN 0 AND NEW.`step` = 'video' AND NEW.`state` IN ('succeeded', 'failed')",
    tests: [costs],
  },
  {
    name: 'a first frame that is made after its order has ended is reported',
    file: migration,
    search: "WHEN NEW.`step` = 'first_frame' AND NEW.`state` = 'succeeded' AND OLD.`state` <> 'succeeded'",
    replacement: 'WHEN 0',
    tests: ['test/tasks/first-frame-restored.test.ts'],
  },
  {
    name: 'work that was made and not sold is reported',
    file: migration,
    search: "AFTER INSERT ON `orphans` WHEN NEW.`reason` <> 'repeated_id'",
    replacement: 'AFTER INSERT ON `orphans` WHEN 0',
    tests: [costs],
  },
  {
    name: 'an order is reported for the route that took it',
    file: migration,
    search: "WHEN NEW.`upstream` <> OLD.`upstream` AND NEW.`step` IS NOT 'first_frame'",
    replacement: 'WHEN 0',
    tests: [costs],
  },
  {
    name: 'the cost is that of the submit',
    file: 'src/tasks/submit/submit.ts',
    search: 'const outputs = await orderTasksOfRequest(tx, id, cost)',
    replacement: 'const outputs = await orderTasksOfRequest(tx, id, undefined)',
    tests: [costs],
  },
  {
    name: 'work that an earlier try ordered costs what it did then',
    file: 'src/tasks/callbacks/orphans.ts',
    search: 'attemptId === null ? await tasksOfRequest(tx, { requestId })',
    replacement: 'attemptId !== undefined ? await tasksOfRequest(tx, { requestId })',
    tests: [costs],
  },
  {
    name: 'a cost that is unknown makes its sum unknown',
    file: lines,
    search: 'spent.unknown === 0 && isAddable ? spent.cost : null',
    replacement: 'isAddable ? spent.cost : null',
    tests: [costs],
  },
  {
    name: 'credits without a value have an unknown one',
    file: lines,
    search: 'if (creditValue === null) this.#isValueKnown &&= net === 0n',
    replacement: 'if (creditValue === null) this.#value += 0n',
    tests: [costs],
  },
  {
    name: 'amounts in two currencies are not added',
    file: 'src/ledger/reports/report.ts',
    search: 'const isAddable = total.currencies().size <= 1',
    replacement: 'const isAddable = true',
    tests: [reports],
  },
  {
    name: 'what may have been made is not counted as leaked',
    file: lines,
    search: 'reason !== sold && reason !== maybe',
    replacement: 'reason !== sold',
    tests: [costs],
  },
  {
    name: 'what a credit sold for before stays',
    file: 'src/ledger/reports/report.ts',
    search: 'start: number === 0 ? start : Math.max(start, since), stop: Math.min(stop, until)',
    replacement: 'start: number === 0 ? start : Math.max(start, since), stop',
    tests: [reports],
  },
  {
    name: 'archived orders leave their figures',
    file: 'src/tasks/archive/remove.ts',
    search: 'await keepFigures(tx, requestIds)',
    replacement: '',
    tests: [rebuilds],
  },
  {
    name: 'what changes in a past day breaks its seal',
    file: migration,
    search:
      'DELETE FROM `rollup_seals` WHERE `stop` > NEW.`created_at` / 900000 AND `start` <= NEW.`created_at` / 900000;\nEND;\n--> statement-breakpoint\nCREATE TRIGGER `an_entry_of',
    replacement: 'SELECT 1;\nEND;\n--> statement-breakpoint\nCREATE TRIGGER `an_entry_of',
    tests: [rebuilds],
  },
  {
    name: 'a month is sealed once its days are',
    file: seals,
    search: 'if (isMonth && (await sealedDays(tx, { start, stop })) < (stop - start) / quartersOfDay) return',
    replacement: '',
    tests: [reports],
  },
  {
    name: 'two rebuilds correct a report once',
    file: 'src/ledger/reports/rebuild.ts',
    search: 'if ((await rebuildsMade(tx)) !== number) return false',
    replacement: '',
    tests: [rebuilds],
  },
  {
    name: 'the audit compares reports with entries',
    file: 'src/ledger/pass/takings.ts',
    search: 'if (is === should) continue',
    replacement: 'continue',
    tests: [rebuilds],
  },
  {
    name: 'ledger verify compares reports with all rows',
    file: 'src/ledger/reports/rebuild.ts',
    search: "HAVING ${listed(figures, (name) => `sum(${name}) <> 0`, ' OR ')}",
    replacement: 'HAVING 1 = 0',
    tests: [rebuilds],
  },
  {
    name: 'a first frame is sold with the first output alone',
    file: figures,
    search: "CASE v.state WHEN 'succeeded' THEN '' ELSE 'first_frame' END",
    replacement: "''",
    tests: [costs],
  },
  {
    name: 'usage is of one account',
    file: 'src/ledger/reports/usage.ts',
    search: 's.account_id = ${accountId} AND ',
    replacement: '${accountId} IS NOT NULL AND ',
    tests: [http, reports],
  },
  {
    name: 'a name is no formula in a spreadsheet',
    file: 'src/http/reports/csv.ts',
    search: 'const harmless = formula.test(text) ?',
    replacement: 'const harmless = text === formula.source ?',
    tests: ['test/http/wire/csv.test.ts', http],
  },
  {
    name: 'late work that is charged again is leakage no more',
    file: migration,
    search: "AFTER INSERT ON `orphan_decisions` WHEN NEW.`decision` = 'charge'",
    replacement: "AFTER INSERT ON `orphan_decisions` WHEN NEW.`decision` = 'never'",
    tests: ['test/tasks/corrections/reports.test.ts'],
  },
  {
    name: 'what is corrected by hand is rolled up',
    file: migration,
    search: 'WHERE t.`id` = coalesce(NEW.`task_id`, NEW.`for_task_id`)',
    replacement: 'WHERE t.`id` = NEW.`task_id`',
    tests: ['test/tasks/corrections/reports.test.ts'],
  },
]
