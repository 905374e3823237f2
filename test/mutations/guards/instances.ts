// Several gateways on one store: what one of them has claimed, and what becomes of it when it stands still or ends.
import type { Guard } from '../guard.ts'

export const guards: readonly Guard[] = [
  {
    name: 'an order whose claim was lost is not posted',
    file: 'src/tasks/submit/claim-age.ts',
    search: 'return renewed.length > 0',
    replacement: 'return renewed.length > -1',
    tests: ['test/tasks/late-holders.test.ts'],
  },
  {
    name: 'an old claim is renewed before its order is posted',
    file: 'src/tasks/submit/claim-age.ts',
    search: 'if (ctx.clock.monotonic() - claimedAt < freshMs) return true',
    replacement: 'if (ctx.clock.monotonic() > 0) return true',
    tests: ['test/tasks/late-holders.test.ts'],
  },
  {
    name: 'an order that was not posted is queued again',
    file: 'src/tasks/submit/submit.ts',
    search: 'if (outcome === null) return await queueUnposted(ctx, submission)',
    replacement: 'if (outcome === null) return',
    tests: ['test/tasks/late-holders.test.ts'],
  },
  {
    name: 'an order that a callback has named work of is not posted again',
    file: 'src/tasks/submit/submit.ts',
    search: 'if (pick.attemptsMade > 0 && (await isCalled(scope.tx, pick.id))) {',
    replacement: 'if (false) {',
    tests: ['test/tasks/callbacks-again.test.ts'],
  },
  {
    name: 'an instance that is only slow is not taken for gone',
    file: 'src/instances/store.ts',
    search:
      ".where(and(eq(instances.id, sql.placeholder('id')), eq(instances.beatAt, sql.placeholder('beatAt'))))",
    replacement: ".where(eq(instances.id, sql.placeholder('id')))",
    tests: ['test/instances/presence.test.ts'],
  },
  {
    name: 'an instance that is connected has its time',
    file: 'src/instances/instances.ts',
    search: '!connected.has(row.id) || nowMs - row.beatAt >= goneAfterMs',
    replacement: 'true',
    tests: ['test/instances/presence.test.ts'],
  },
  {
    name: 'an instance that stands still is gone in the end',
    file: 'src/instances/instances.ts',
    search: '!connected.has(row.id) || nowMs - row.beatAt >= goneAfterMs',
    replacement: '!connected.has(row.id)',
    tests: ['test/instances/presence.test.ts'],
  },
  {
    name: 'a claim of a living instance stays its own',
    file: 'src/instances/held.ts',
    search: '.where(eq(instances.id, holder))',
    replacement: ".where(eq(instances.id, ''))",
    tests: ['test/instances/presence.test.ts'],
  },
  {
    name: 'a key that another instance was answered 429 with is left alone',
    file: 'src/instances/key-pauses.ts',
    search: "if (untilMs > nowMs) keys.pause(fingerprint, 'all', { untilMs, nowMs })",
    replacement: '',
    tests: ['test/instances/presence.test.ts'],
  },
  {
    name: 'a fixed number of orders in flight is divided',
    file: 'src/upstream/rate-limits/limit-settings.ts',
    search: 'if (start !== max) return Infinity',
    replacement: 'if (start !== Infinity) return Infinity',
    tests: ['test/instances/presence.test.ts'],
  },
  {
    name: 'requests of a minute are counted over all instances',
    file: 'src/instances/request-counts.ts',
    search: 'const left = Math.max(0, Math.min(wanted, max - taken))',
    replacement: 'const left = wanted',
    tests: ['test/instances/counts.test.ts'],
  },
]
