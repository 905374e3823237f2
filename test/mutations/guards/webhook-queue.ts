// The fair queue of webhooks: claimed by index, within shares, and settled in groups.
import type { Guard } from '../guard.ts'

const again = 'test/webhooks/again.test.ts'
const lanes = 'test/webhooks/lanes.test.ts'
const growth = 'test/webhooks/limits.test.ts'
const groups = 'test/webhooks/groups.test.ts'

const claim = 'src/webhooks/queue/claim.ts'
const limits = 'src/webhooks/queue/limits.ts'
const store = 'src/webhooks/store.ts'
const settleGroup = 'src/webhooks/settle.ts'
const deliver = 'src/webhooks/deliver.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a claim is a lease',
    file: claim,
    search: 'await leaseDelivery(tx, { id: row.id, dueAt: leasedUntil, url: leased.url, holder })',
    replacement: 'await leaseDelivery(tx, { id: row.id, dueAt: nowMs, url: leased.url, holder })',
    tests: [again, lanes],
  },
  {
    name: 'what somebody else has claimed is not claimed again',
    file: store,
    search: ".where(and(pendingInLane(read), lte(deliveries.dueAt, sql.placeholder('nowMs'))))",
    replacement: '.where(pendingInLane(read))',
    tests: [lanes, again],
  },
  {
    name: 'a receiver of an account has a limit',
    file: limits,
    search: 'return limitOf(lane) - of(counts.lanes, lane) - of(picked.lanes, lane)',
    replacement: 'return perAccountMax',
    tests: [lanes],
  },
  {
    name: 'the limit of a receiver grows only while it is made use of',
    file: limits,
    search: 'if (atOnce * 2 < limit.atOnceMax) return',
    replacement: '',
    tests: [growth],
  },
  {
    name: 'the limit of a receiver grows slowly after it was too much',
    file: limits,
    search: 'limit.atOnceMax < limit.threshold ? 1 : 1 / limit.atOnceMax',
    replacement: '1',
    tests: [growth],
  },
  {
    name: 'the limit of a receiver shrinks once for all that was under way',
    file: limits,
    search: ' && sentAt >= limit.shrunkAt) {',
    replacement: ') {',
    tests: [growth],
  },
  {
    name: 'the limit of a receiver is the share of an account at most',
    file: limits,
    search: 'Math.min(perAccountMax, limit.atOnceMax + step)',
    replacement: 'limit.atOnceMax + step',
    tests: [growth],
  },
  {
    name: 'limits are remembered of as many receivers as there is a bound for',
    file: limits,
    search: '        limits.delete(oldest)\n',
    replacement: '',
    tests: [growth],
  },
  {
    name: 'an account has eight at once to unknown receivers',
    file: limits,
    search: 'return Math.min(room, unprovenPerAccountMax - unproven)',
    replacement: 'return room',
    tests: [lanes],
  },
  {
    name: 'accounts take turns',
    file: claim,
    search: 'await putQueue(tx, { accountId, dueAt: isDue ? nowMs : dueAt, turn })',
    replacement: 'await putQueue(tx, { accountId, dueAt: isDue ? nowMs : dueAt, turn: null })',
    tests: [lanes],
  },
  {
    name: 'an account at its limit is put off until one of its own has ended',
    file: claim,
    search: 'const nextAt = next !== null && isFull ? Math.max(next, leasedUntil) : next',
    replacement: 'const nextAt = next',
    tests: [lanes],
  },
  {
    name: 'room is shared out among the accounts that are due',
    file: claim,
    search: 'const share = Math.ceil(left / (accounts.length - at))',
    replacement: 'const share = left',
    tests: [lanes],
  },
  {
    name: 'proven receivers do not wait behind unknown ones',
    file: claim,
    search: "for (const kind of ['quick', 'other'] as const) {",
    replacement: "for (const kind of ['other'] as const) {",
    tests: [lanes],
  },
  {
    name: 'a Retry-After pauses the receiver',
    file: deliver,
    search: 'return { pausedUntil: nowMs + Math.min(patienceMs, retryAfterMaxMs) }',
    replacement: 'return {}',
    tests: [lanes],
  },
  {
    name: 'one outcome that cannot be written takes no other with it',
    file: settleGroup,
    search: 'await Promise.all(group.map(async (one) => await settleAlone(ctx, one)))',
    replacement: 'for (const { reject } of group) reject(error)',
    tests: [groups],
  },
  {
    name: 'what is given up goes in parts',
    file: 'src/webhooks/give-up.ts',
    search: 'max: atOnceMax',
    replacement: 'max: 1_000_000',
    tests: [groups],
  },
  {
    name: 'room for the next is told of',
    file: settleGroup,
    search: "if (isMore) ctx.wake('deliver')",
    replacement: '',
    tests: [lanes],
  },
]
