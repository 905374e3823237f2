// Credits that come in by hand or by code, what is owed, and when a balance is low.
import type { Guard } from '../guard.ts'

const low = 'test/credits/low-balance.test.ts'
const owed = 'test/credits/owed.test.ts'
const verify = 'test/ledger/verify.test.ts'
const grant = 'src/ledger/grant.ts'

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
]
