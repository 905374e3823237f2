// Idempotency keys: one order for a key, whoever sends it how often, and the first answer for all of them.
import type { Guard } from '../guard.ts'

const http = 'test/http/idempotency.test.ts'
const keys = 'test/http/idempotency-keys.test.ts'
const tasks = 'test/tasks/idempotency.test.ts'
const bodies = 'test/tasks/body-hash.test.ts'
const simulation = 'test/simulation/simulation.long.test.ts'

const once = 'src/tasks/create/create.ts'
const storing = 'src/tasks/create/store-orders.ts'
const idempotency = 'src/tasks/create/idempotency.ts'
const hash = 'src/tasks/create/body-hash.ts'

export const guards: readonly Guard[] = [
  {
    name: 'twins look for each other in the store',
    file: storing,
    search: 'if (twin && use) return replayed(twin, use)',
    replacement: '',
    tests: [tasks, http, simulation],
  },
  {
    name: 'a key is taken in the transaction of its order',
    file: storing,
    search: 'order.use ? [takeKey(tx, order.use, order.requestId)] : []',
    replacement: '[]',
    tests: [http, simulation],
  },
  {
    name: 'a key that is taken undoes the order',
    file: idempotency,
    search: 'if ((await keyTake(tx, order)).length === 0) throw keyIsTaken()',
    replacement: '',
    tests: [tasks],
  },
  {
    name: 'a key stands for one body',
    file: storing,
    search: 'if (bodyHash !== use.bodyHash) throw mismatch()',
    replacement: '',
    tests: [keys, simulation],
  },
  {
    name: 'a twin is not told that nothing was charged while the other is being let in',
    file: once,
    search: 'if (!twin) throw refusal',
    replacement: 'if (twin || !twin) throw refusal',
    tests: [tasks],
  },
  {
    name: 'a key is that of its account',
    file: idempotency,
    search:
      "eq(idempotency.accountId, sql.placeholder('accountId')),\n        eq(idempotency.key, sql.placeholder('key')),\n        gt(",
    replacement:
      "sql`${sql.placeholder('accountId')} <> ''`,\n        eq(idempotency.key, sql.placeholder('key')),\n        gt(",
    tests: [http, simulation],
  },
  {
    name: 'a key is kept for a day',
    file: idempotency,
    search: 'const keptForMs = 25 * hourMs',
    replacement: 'const keptForMs = hourMs',
    tests: [http],
  },
  {
    name: 'a key is not kept for ever',
    file: idempotency,
    search: '{ time: goneBefore, limit }',
    replacement: '{ time: 0, limit }',
    tests: [tasks],
  },
  {
    name: 'a key that was taken over stays',
    file: idempotency,
    search:
      "eq(idempotency.key, sql.placeholder('key')),\n        lte(idempotency.createdAt, sql.placeholder('goneBefore')),",
    replacement:
      "eq(idempotency.key, sql.placeholder('key')),\n        sql`${sql.placeholder('goneBefore')} > 0`,",
    tests: [tasks],
  },
  {
    name: 'the order of fields makes no other body',
    file: hash,
    search: "return `{${fields.toSorted().join(',')}}`",
    replacement: "return `{${fields.join(',')}}`",
    tests: [bodies, keys],
  },
  {
    name: 'a field more makes another body',
    file: hash,
    search: '.filter(([, one]) => one !== null)',
    replacement: '.filter(([name]) => name !== "generate_count")',
    tests: [bodies, keys],
  },
]
