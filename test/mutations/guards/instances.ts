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
]
