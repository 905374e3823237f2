// Customers' own keys, and the streams of their tasks: who may change what, and who is told of what.
import type { Guard } from '../guard.ts'

const keys = 'test/http/console/keys.test.ts'
const ends = 'test/http/console/ends.test.ts'
const streams = 'test/http/live/streams.test.ts'
const sessions = 'src/sessions/sessions.ts'

export const guards: readonly Guard[] = [
  {
    name: 'who has only shown a key makes no key',
    file: 'src/sessions/own-keys.ts',
    search: '  requireMakingKeys(ctx.config, shown)\n  const nowMs',
    replacement: '  const nowMs',
    tests: [keys],
  },
  {
    name: 'who has only shown a key widens no key',
    file: 'src/sessions/own-keys.ts',
    search: '  requireMakingKeys(ctx.config, shown)\n  requireFuture',
    replacement: '  requireFuture',
    tests: [keys],
  },
  {
    name: "another account's key is not changed or revoked",
    file: 'src/accounts/keys.ts',
    search:
      "if (key.accountId !== accountId) throw new GatewayError('not_found', noSuchKey, { field: 'id' })",
    replacement: '',
    tests: [keys, 'test/http/routes.test.ts'],
  },
  {
    name: "another account's keys are not listed",
    file: 'src/accounts/keys.ts',
    search: "and(eq(keys.accountId, accountId), lt(keys.id, before ?? idAfterAll('key')))",
    replacement: "lt(keys.id, before ?? idAfterAll('key'))",
    tests: [keys, 'test/http/routes.test.ts'],
  },
  {
    name: 'a test key manages no keys',
    file: 'src/http/surfaces/customers.ts',
    search: "    if (means.ofTestKeys) account.addHook('preHandler', refuseTestKeys)\n",
    replacement: '',
    tests: [keys],
  },
  {
    name: 'an account has so many keys and no more',
    file: 'src/sessions/own-keys.ts',
    search: '    await requireRoom(tx, accountId)\n',
    replacement: '',
    tests: [keys],
  },
  {
    name: 'a stream of all tasks ends with what opened it',
    file: 'src/http/live/streams.ts',
    search: 'storeFailed() || !holding.has(stream.opening)',
    replacement: 'storeFailed()',
    tests: [streams],
  },
  {
    name: 'a stream of an ended session is found out',
    file: sessions,
    search: 'rows.filter((row) => row.endsAt > nowMs && row.expiresAt > nowMs)',
    replacement: 'rows',
    tests: [ends],
  },
  {
    name: 'a stream of a revoked key is found out',
    file: 'src/accounts/keys.ts',
    search: 'key.revokedAt === null && (key.expiresAt ?? Infinity) > nowMs',
    replacement: 'key.expiresAt !== 0',
    tests: [streams],
  },
  {
    name: 'a stream does not go on from where its key may not be used',
    file: 'src/http/live/opening.ts',
    search: 'isWithin(opening.ip, list)',
    replacement: 'list.length > 0',
    tests: [streams],
  },
  {
    name: 'a stream has the tasks of its account alone',
    file: 'src/tasks/live/rows.ts',
    search: "        eq(tasks.accountId, sql.placeholder('accountId')),\n        gte",
    replacement: '        gte',
    tests: [streams],
  },
  {
    name: 'an account has so many streams and no more',
    file: 'src/http/live/streams.ts',
    search: 'all >= streamsMax || own >= streamsOfOneMax',
    replacement: 'all >= streamsMax || own < 0',
    tests: [streams],
  },
  {
    name: 'a task that ends between two looks is told',
    file: 'src/tasks/live/live.ts',
    search: '    rows.set(row.id, row)\n',
    replacement: '',
    tests: ['test/tasks/live.test.ts'],
  },
]
