// Money: what keeps an account from being charged wrongly, refunded twice, or taken below zero.
import type { Guard } from '../guard.ts'

const entries = 'test/ledger/entries.test.ts'
const owed = 'test/credits/owed.test.ts'
const sideBySide = 'test/ledger/side-by-side.test.ts'
const slices = 'test/ledger/slices.test.ts'
const verify = 'test/ledger/verify.test.ts'
const operator = 'test/http/operator.test.ts'
const simulation = 'test/simulation/simulation.long.test.ts'

const charge = 'src/ledger/charge.ts'
const store = 'src/ledger/store.ts'
const grant = 'src/ledger/grant.ts'
const settle = 'src/tasks/settle.ts'
const state = 'src/tasks/state.ts'
const checks = 'src/ledger/checks.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a charge takes no more than there is',
    file: charge,
    search: 'sql`${accounts.balance} >= ${total}`,',
    replacement: '',
    tests: [entries],
  },
  {
    name: 'a suspended account is not charged, however lately it was suspended',
    file: charge,
    search: "eq(accounts.status, 'active'),",
    replacement: '',
    tests: [entries],
  },
  {
    name: 'an account has no more tasks in flight than it may',
    file: charge,
    search: 'max > 0 && open + wanted.count > max',
    replacement: 'max > 0 && open > max',
    tests: [entries],
  },
  {
    name: 'orders that come together are decided one after another',
    file: charge,
    search: 'obstacle(purse?.after, {',
    replacement: 'obstacle(purse?.before, {',
    tests: [sideBySide],
  },
  {
    name: 'a balance that moves for several at once is told step by step',
    file: store,
    search: '    after -= amount\n',
    replacement: '',
    tests: ['test/db/conformance/joined.test.ts'],
  },
  {
    name: 'a charge is an entry of the task and its price',
    file: charge,
    search: 'amount: -task.credits,',
    replacement: 'amount: -task.credits - 1,',
    tests: [entries],
  },
  {
    name: 'the balance walks down entry by entry',
    file: charge,
    search: 'purse.after.balance -= task.credits',
    replacement: 'purse.after.balance - task.credits',
    tests: [entries],
  },
  {
    name: 'every task of an order is charged',
    file: 'src/tasks/create/store-orders.ts',
    search: 'charges.decide({ ...order, tasks,',
    replacement: 'charges.decide({ ...order, tasks: tasks.slice(0, 1),',
    tests: [entries],
  },
  {
    name: 'an adjustment leaves the balance at zero or above',
    file: store,
    search: "sql`${accounts.balance} + ${sql.placeholder('amount')} >= 0`,",
    replacement: '',
    tests: [entries, operator],
  },
  {
    name: 'a balance moves relative to what it is',
    file: store,
    search: "balance: sql`${accounts.balance} + ${sql.placeholder('amount')}`,",
    replacement: "balance: sql`abs(${sql.placeholder('amount')})`,",
    tests: [entries],
  },
  {
    name: 'a grant that was given before moves no balance',
    file: grant,
    search: '  await move(tx, input.accountId, back)\n',
    replacement: '',
    tests: [owed],
  },
  {
    name: 'a grant that was given before is answered though it could not be given again',
    file: grant,
    search: 'if (!(await takeKey(tx, input))) return (await findGrant(tx, input)) ?? fail(otherGrant())',
    replacement: 'await takeKey(tx, input)',
    tests: [entries],
  },
  {
    name: 'a key of the operator stands for one amount and note',
    file: grant,
    search: '    entry.amount - (entry.owedChange ?? 0) === amount &&\n',
    replacement: '',
    tests: [entries],
  },
  {
    name: "an operator's key is looked for in its own account alone",
    file: grant,
    search: 'const ofAccount = eq(entries.accountId, input.accountId)',
    replacement: 'const ofAccount = eq(entries.kind, entries.kind)',
    tests: [owed],
  },
  {
    name: 'a refund is written only by the update that moved the task to failed',
    file: settle,
    search: 'if (failed) await refund(at.tx, failed, at.nowMs)',
    replacement: "await refund(at.tx, { accountId: '', ...failed } as TaskRow, at.nowMs)",
    tests: [entries],
  },
  {
    name: 'a failure gives back',
    file: settle,
    search: 'if (failed) await refund(at.tx, failed, at.nowMs)',
    replacement: '',
    tests: [entries],
  },
  {
    name: 'a success keeps its charge and closes its task for the account',
    file: settle,
    search: 'if (succeeded) await keepCharge(at.tx, succeeded)',
    replacement: '',
    tests: ['test/tasks/polls.test.ts', simulation],
  },
  {
    name: 'a task that succeeded does not fail',
    file: state,
    search: "failed: ['queued', 'submitting', 'unknown', 'running'],",
    replacement: "failed: ['queued', 'submitting', 'unknown', 'running', 'succeeded'],",
    tests: [entries],
  },
  {
    name: 'a task that failed does not succeed',
    file: state,
    search: "succeeded: ['running', 'storing'],",
    replacement: "succeeded: ['running', 'storing', 'failed'],",
    tests: [entries],
  },
  {
    name: 'only what is not there yet is refunded',
    file: 'src/ledger/refund.ts',
    search: 'amount: task.credits,\n    tasksOpen: -1,',
    replacement: 'amount: task.credits * 2,\n    tasksOpen: -1,',
    tests: [entries],
  },
  {
    name: 'a refund closes the task for its account',
    file: 'src/ledger/refund.ts',
    search: 'tasksOpen: -1,',
    replacement: 'tasksOpen: 0,',
    tests: [entries],
  },
  {
    name: 'the auditor adds up every account',
    file: 'src/ledger/pass/balances.ts',
    search: 'compare(balanceChecks.account, id, [sums.get(id) ?? 0, balance])',
    replacement: '',
    tests: [verify],
  },
  {
    name: 'the auditor follows every running balance',
    file: 'src/ledger/pass/balances.ts',
    search: 'compare(balanceChecks.entry, String(id), [expected, found])',
    replacement: '',
    tests: [verify],
  },
  {
    name: 'the auditor adds up what was written since its last slice before it compares a balance',
    file: 'src/ledger/pass/balances.ts',
    search: 'while (await entries(read));\n',
    replacement: '',
    tests: [slices],
  },
  {
    name: 'the auditor goes on where its last slice ended',
    file: 'src/ledger/pass/walk.ts',
    search: 'return last !== null',
    replacement: 'return false',
    tests: [slices],
  },
  {
    name: 'the auditor lets the log be cut back between two slices',
    file: 'src/ledger/verify.ts',
    search: 'while (await db.snapshot(pass.step)) await rest()',
    replacement: `await db.snapshot(async (read) => {
    while (await pass.step(read)) await rest()
  })`,
    tests: [slices],
  },
  {
    name: 'an audit has as long as it takes while it goes on',
    file: 'src/ledger/auditor.ts',
    search: 'const onSlice = () => void (progress.atMs = clock.monotonic())',
    replacement: 'const onSlice = () => undefined',
    tests: ['test/ledger/auditor.long.test.ts'],
  },
  {
    name: 'an audit that stands still is given up',
    file: 'src/ledger/auditor.ts',
    search: 'if (leftMs <= 0) break',
    replacement: 'if (leftMs <= -1e12) break',
    tests: ['test/ledger/auditor.long.test.ts'],
  },
  {
    name: 'an audit begins each day',
    file: 'src/worker/audits.ts',
    search: 'Math.min(tookMs * (1 / shareMax - 1), beginsEveryMs - tookMs)',
    replacement: 'tookMs * (1 / shareMax - 1)',
    tests: ['test/worker/audits.test.ts'],
  },
  {
    name: 'the auditor counts charges',
    file: checks,
    search: "(${charged} <> 1 OR ${all('charge')} <> 1)`,",
    replacement: 'false`,',
    tests: [verify],
  },
  {
    name: 'the auditor misses refunds',
    file: checks,
    search: "AND (${refunded} <> 1 OR ${all('refund')} <> 1 OR",
    replacement: 'AND (false OR',
    tests: [verify],
  },
  {
    name: 'the auditor sees tasks that are forgotten',
    file: checks,
    search: '< ${overdueBefore}',
    replacement: '< 0',
    tests: [verify],
  },
  {
    name: 'the auditor reads one committed state',
    file: 'src/ledger/pass/pass.ts',
    search: 'ok: findings.drift.length === 0',
    replacement: 'ok: true',
    tests: [verify],
  },
]
