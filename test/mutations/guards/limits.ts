// Limits of keys and accounts: caps, requests, addresses.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../copy.ts'
import type { Guard } from '../guard.ts'

const caps = 'src/ledger/caps/caps.ts'
const auth = 'src/http/auth.ts'
const migrations = 'migrations/sqlite'
const migration = join(
  migrations,
  readdirSync(join(root, migrations)).find((file) => file.endsWith('_limits.sql')) ?? '',
)
const plans = 'src/catalog/plans/plans.ts'
const ofPlans = 'test/catalog/plans.test.ts'
const ofCaps = 'test/ledger/caps.test.ts'
const ofKeys = 'test/http/key-limits.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a cap on credits in all is kept',
    file: caps,
    search: 'if (total !== null && use.credits + wanted.total > total)',
    replacement: 'if (total !== null && use.credits > total)',
    tests: [ofCaps],
  },
  {
    name: 'a cap on credits a day is kept',
    file: caps,
    search: 'if (perDay !== null && today + wanted.total > perDay)',
    replacement: 'if (perDay !== null && today > perDay)',
    tests: [ofCaps],
  },
  {
    name: 'a cap on tasks in flight of a key is kept',
    file: caps,
    search: 'if (tasks !== null && use.tasksOpen + wanted.count > tasks)',
    replacement: 'if (tasks !== null && use.tasksOpen > tasks)',
    tests: [ofCaps],
  },
  {
    name: 'an order is counted with those before it in its batch',
    file: caps,
    search: '        each.after = withOrder(each.after, wanted)\n',
    replacement: '        each.after = withOrder(each.before ?? nothingUsed, wanted)\n',
    tests: [ofCaps],
  },
  {
    name: 'a day that has begun for one gateway has begun for all',
    file: caps,
    search: 'Math.max(use.day, day)',
    replacement: 'day',
    tests: [ofCaps],
  },
  {
    name: 'caps are counted only from what they were decided by',
    file: caps,
    search: "${capUses.credits} = ${sql.placeholder('creditsBefore')} AND ",
    replacement: '',
    tests: [ofCaps],
  },
  {
    name: 'the update that counts an order compares with the cap',
    file: caps,
    search: "AND ${number(credits)} <= ${number(sql.placeholder('totalMax'))}",
    replacement: '',
    tests: [ofCaps],
  },
  {
    name: 'pictures of an order over its cap are not uploaded',
    file: 'src/tasks/create/create.ts',
    search: '  await expectWithinCaps(ctx.db.read, { ...wanted, ...capsOf(ctx, caller) })\n',
    replacement: '',
    tests: [ofCaps],
  },
  {
    name: 'what a key ordered is given back to its cap',
    file: migration,
    search: 'WHERE `subject` = (SELECT `key_id` FROM `requests` WHERE `id` = NEW.`request_id`);',
    replacement: 'WHERE `subject` = 0;',
    tests: [ofCaps],
  },
  {
    name: 'what an account ordered is given back to its cap',
    file: migration,
    search: 'WHERE `subject` = NEW.`account_id`;',
    replacement: 'WHERE `subject` = 0;',
    tests: [ofCaps],
  },
  {
    name: 'what a key ordered is given back to the day that it was ordered on',
    file: migration,
    search: ' AND `day` = NEW.`key_cap_day`',
    replacement: '',
    tests: [ofCaps],
  },
  {
    name: 'a key is used from its addresses alone',
    file: auth,
    search: '(!ofKey?.cidrs || isWithin(ip, ofKey.cidrs))',
    replacement: 'true',
    tests: [ofKeys],
  },
  {
    name: 'keys of an account are used from its addresses alone',
    file: auth,
    search: '(cidrs === null || isWithin(ip, cidrs))',
    replacement: 'true',
    tests: [ofKeys],
  },
  {
    name: 'a key has requests a minute of its own',
    file: 'src/http/limits.ts',
    search: '      if (isLimit(key.max)) await keys.count(key)\n',
    replacement: '',
    tests: [ofKeys],
  },
  {
    name: 'an IPv4 address in the form of IPv6 is the IPv4 address',
    file: 'src/net/networks.ts',
    search: 'ipaddr.process(ip)',
    replacement: 'ipaddr.parse(ip)',
    tests: ['test/net/networks.test.ts'],
  },
  {
    name: 'a hidden model is not there',
    file: plans,
    search: '!plan?.hidden.has(id) && ',
    replacement: '',
    tests: [ofPlans, 'test/http/plans.test.ts'],
  },
  {
    name: 'a model that a key or account may not order is not there',
    file: plans,
    search: '.every((only) => only?.includes(id) ?? true)',
    replacement: '.some((only) => only?.includes(id) ?? true)',
    tests: [ofPlans],
  },
  {
    name: 'first frames are not made by a hidden model',
    file: plans,
    search: 'if (isSeen(firstFrame)) return',
    replacement: 'if (firstFrame) return',
    tests: [ofPlans],
  },
  {
    name: 'callers share a view only if they see the same',
    file: plans,
    search: 'JSON.stringify([plan, models, ofKeyAlone])',
    replacement: 'JSON.stringify([plan, models])',
    tests: [ofPlans, 'test/http/plans.test.ts'],
  },
  {
    name: 'an order is priced as its caller sees it',
    file: 'src/tasks/create/create.ts',
    search: 'catalogFor(ctx, caller).parseOrder(body)',
    replacement: 'ctx.catalog.current.parseOrder(body)',
    tests: ['test/http/plans.test.ts'],
  },
  {
    name: 'a plan that accounts are on is not taken away',
    file: 'src/tasks/unreachable/refuse.ts',
    search: '  refusePlansGone(await plansGone(read, next))\n',
    replacement: '',
    tests: ['test/http/plans.test.ts'],
  },
  {
    name: 'an account whose plan is gone orders nothing',
    file: 'src/catalog/catalog.ts',
    search: 'if (plan === undefined) return null',
    replacement: 'if (plan === undefined) return whole',
    tests: [ofPlans, 'test/http/plans.test.ts'],
  },
  {
    name: 'the audit counts the open tasks of a cap',
    file: 'src/ledger/caps/check.ts',
    search: 'AND c.tasks_open <> ${open}',
    replacement: 'AND c.tasks_open < 0',
    tests: [ofCaps],
  },
]
