// Credits that come in by hand or by code, what is owed, and when a balance is low.
import type { Guard } from '../guard.ts'

const low = 'test/credits/low-balance.test.ts'
const owed = 'test/credits/owed.test.ts'
const verify = 'test/ledger/verify.test.ts'
const grant = 'src/ledger/grant.ts'
const refund = 'src/ledger/refund.ts'
const byHand = 'src/tasks/corrections/refund.ts'
const redeem = 'src/credits/codes/redeem.ts'
const tries = 'src/credits/codes/tries.ts'
const codes = 'test/credits/codes.test.ts'
const money = 'migrations/sqlite/0026_money.sql'
const corrections = 'test/tasks/corrections/refund.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'what is taken back and is not there is owed',
    file: grant,
    search: '    ...(unpaid > 0 && { owedChange: unpaid, owedAfter: owed }),\n',
    replacement: '',
    tests: [owed],
  },
  {
    name: 'an account that owes is suspended',
    file: grant,
    search: '  if (unpaid > 0) await suspend(tx, accountId)\n',
    replacement: '',
    tests: [owed],
  },
  {
    name: 'credits that come in pay first what is owed',
    file: grant,
    search: '  if (purse.owed === 0) return {',
    replacement: '  if (purse.owed >= 0) return {',
    tests: [owed],
  },
  {
    name: 'a debt is paid by no more than there is',
    file: grant,
    search: 'Math.min(purse.balance, purse.owed)',
    replacement: 'purse.owed',
    tests: [owed],
  },
  {
    name: 'nobody owes more than can be counted',
    file: grant,
    search: '  if (owed > creditsMax) throw owesTooMuch(purse.owed)\n',
    replacement: '',
    tests: [owed],
  },
  {
    name: 'the auditor adds up what is owed',
    file: 'src/ledger/pass/balances.ts',
    search: 'compare(balanceChecks.owed, id, [debts.get(id) ?? 0, owed])',
    replacement: '',
    tests: [verify],
  },
  {
    name: 'the auditor follows what is owed',
    file: 'src/ledger/pass/balances.ts',
    search: 'compare(balanceChecks.owedAfter, String(id), [debt, row.owed_after ?? 0])',
    replacement: '',
    tests: [verify],
  },
  {
    name: 'a low balance is told when it falls, not while it is low',
    file: 'src/credits/low-balance.ts',
    search: 'before >= threshold && after',
    replacement: 'after',
    tests: [low],
  },
  {
    name: 'a low balance is told to those alone who want it',
    file: 'src/webhooks/outbox.ts',
    search: '  if (!(await typesFor(tx, accountId)).includes(type)) return false\n',
    replacement: '',
    tests: [low],
  },
  {
    name: 'a refund by hand is of a task that has ended',
    file: byHand,
    search: 'if (task && !hasEnded(task)) throw notEnded()',
    replacement: '',
    tests: [corrections],
  },
  {
    name: 'a refund by hand gives no more than is left of the price',
    file: byHand,
    search: 'if (credits !== null && credits > net) throw lessLeft(net)',
    replacement: '',
    tests: [corrections],
  },
  {
    name: 'a refund by hand counts what came back by hand before',
    file: refund,
    search: ' - (byHand?.sum ?? 0)',
    replacement: '',
    tests: [corrections],
  },
  {
    name: 'a refund by hand counts what came back by itself',
    file: refund,
    search: 'net: -(automatic?.sum ?? 0)',
    replacement: 'net: -amount',
    tests: [corrections],
  },
  {
    name: 'a task shows what came back of it by hand',
    file: 'src/tasks/read/view.ts',
    search: ' + (task.creditsReturned ?? 0)',
    replacement: '',
    tests: [corrections],
  },
  {
    name: 'the store takes no correction beyond the price of its task',
    file: money,
    search: 'BETWEEN 0 AND -c.`amount`',
    replacement: 'IS NOT NULL',
    tests: [corrections],
  },
  {
    name: 'the store takes no correction of another account',
    file: money,
    search: ' AND c.`account_id` = NEW.`account_id`\n',
    replacement: '\n',
    tests: [corrections],
  },
  {
    name: 'the store takes no correction of a task that has not ended',
    file: money,
    search: "`state` NOT IN ('succeeded', 'failed')\n",
    replacement: 'false\n',
    tests: [corrections],
  },
  {
    name: 'the store lets a task show no more than its price as given back',
    file: money,
    search: 'BEFORE UPDATE OF `credits_returned` ON `tasks`\nWHEN ',
    replacement: 'BEFORE UPDATE OF `credits_returned` ON `tasks`\nWHEN false AND ',
    tests: [corrections],
  },
  {
    name: 'a code is spent by one alone',
    file: redeem,
    search: '        isNull(codes.redeemedBy),\n',
    replacement: '',
    tests: [codes],
  },
  {
    name: 'a void code is not redeemed',
    file: redeem,
    search: '        isNull(codes.voidedAt),\n',
    replacement: '',
    tests: [codes],
  },
  {
    name: 'an expired code is not redeemed',
    file: redeem,
    search: '        or(isNull(codes.expiresAt), gt(codes.expiresAt, nowMs)),\n',
    replacement: '',
    tests: [codes],
  },
  {
    name: 'a code is answered again to its own account alone',
    file: redeem,
    search: 'and(eq(codes.hash, hash), eq(codes.redeemedBy, accountId))',
    replacement: 'eq(codes.hash, hash)',
    tests: [codes],
  },
  {
    name: 'a wrong code is counted',
    file: redeem,
    search: '    await countWrong(tx, who)\n',
    replacement: '',
    tests: [codes],
  },
  {
    name: 'who has guessed too often learns nothing by a right code',
    file: redeem,
    search: "  if (retryAfterMs !== null) return { kind: 'limited', retryAfterMs }\n",
    replacement: '',
    tests: [codes],
  },
  {
    name: 'wrong codes are counted by account',
    file: tries,
    search: '    [`account ${accountId}`, ofAccountMax],\n',
    replacement: '',
    tests: [codes],
  },
  {
    name: 'wrong codes are counted by address',
    file: tries,
    search: '    [`address ${address}`, ofAddressMax],\n',
    replacement: '',
    tests: [codes],
  },
  {
    name: 'a code is stored as its hash',
    file: 'src/credits/codes/form.ts',
    search: "hash('sha256', code, 'hex')",
    replacement: 'code',
    tests: [codes],
  },
  {
    name: 'what was redeemed is not voided',
    file: 'src/credits/codes/codes.ts',
    search: '.where(and(which, isNull(codes.redeemedBy), isNull(codes.voidedAt)))',
    replacement: '.where(and(which, isNull(codes.voidedAt)))',
    tests: [codes],
  },
  {
    name: 'the store spends and voids a code once',
    file: money,
    search: 'WHEN OLD.`redeemed_by` IS NOT NULL OR OLD.`voided_at` IS NOT NULL\n\tOR',
    replacement: 'WHEN',
    tests: [codes],
  },
  {
    name: 'wrong codes are counted over clocks that differ',
    file: tries,
    search: 'const longestMs = 2 * hourMs',
    replacement: 'const longestMs = hourMs',
    tests: [codes],
  },
]
