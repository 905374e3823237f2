// Whose 429 it is, and who waits for it; whose redirect, and whose 401.
import type { Guard } from '../guard.ts'

const poisoned = 'test/tasks/poisoned-orders.test.ts'
const limited = 'test/tasks/limited-orders.test.ts'
const alone = 'test/tasks/limited-alone.test.ts'
const blame = 'src/upstream/rate-limits/blame.ts'
const holds = 'src/upstream/rate-limits/holds.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a 429 that is laid to its own kind pauses no key',
    file: 'src/tasks/submit/outcome.ts',
    search: " && settled.limited.scope === 'key') {",
    replacement: ') {',
    tests: [alone],
  },
  {
    name: 'after a 429 somebody else tries first',
    file: 'src/upstream/keys/held-key.ts',
    search: ' || (this.rest.current === null && this.#answersMissing > 0)',
    replacement: '',
    tests: ['test/tasks/fair-queue.test.ts'],
  },
  {
    name: 'a page is laid to one account at once',
    file: blame,
    search: "(isOfPage ? 'account' : 'key')",
    replacement: "'key'",
    tests: ['test/upstream/limit-blame.test.ts'],
  },
  {
    name: 'a page that three accounts meet pauses the key',
    file: blame,
    search: 'isPage && this.#pages.size < pageAccountsMax && this.#isAlone',
    replacement: 'isPage && this.#isAlone',
    tests: ['test/upstream/limit-blame.test.ts'],
  },
  {
    name: 'what others meet as well is laid to nobody',
    file: blame,
    search: 'if (!this.#isAlone(scope, order)) return false',
    replacement: '',
    tests: ['test/upstream/limit-blame.test.ts'],
  },
  {
    name: 'an order that is answered clears its kind',
    file: blame,
    search: 'for (const scope of scopes) this.#met.delete(scopeIn(scope, order))',
    replacement: '',
    tests: ['test/upstream/limit-blame.test.ts'],
  },
  {
    name: 'one account alone pauses the key three times in a row at most',
    file: blame,
    search: ' || this.#isMoreOften(scope, order)',
    replacement: '',
    tests: ['test/upstream/limit-blame.test.ts'],
  },
  {
    name: 'of a kind that is answered 429 one order tries at a time',
    file: holds,
    search: '(trying !== null && trying !== order.requestId) ||',
    replacement: '',
    tests: ['test/upstream/limit-holds.test.ts'],
  },
  {
    name: 'those that were parked come back once one of their kind is taken',
    file: 'src/tasks/submit/outcome.ts',
    search: 'if (isAnswer(outcome)) returns.add(holds.answered(key.fingerprint, order))',
    replacement: 'if (isAnswer(outcome)) holds.answered(key.fingerprint, order)',
    tests: [alone],
  },
  {
    name: 'an order that is taken brings back one that waits for proof',
    file: 'src/tasks/submit/outcome.ts',
    search: "if (outcome.kind === 'accepted') returns.next()",
    replacement: '',
    tests: [poisoned],
  },
  {
    name: 'the polls of one work pause no orders',
    file: 'src/tasks/poll/query.ts',
    search: "limited.isShared ? 'all' : 'polls'",
    replacement: "'all'",
    tests: ['test/tasks/limited-polls.test.ts'],
  },
  {
    name: 'the polls of several works in a row pause orders as well',
    file: 'src/tasks/poll/query.ts',
    search: "limited.isShared ? 'all' : 'polls'",
    replacement: "'polls'",
    tests: ['test/tasks/limited-polls.test.ts'],
  },
  {
    name: 'a page knows not how long Keevx wants to be left alone',
    file: 'src/upstream/keevx/answers/answer.ts',
    search: 'isPage(answer) ? retryAfterMsMaxOfPage : retryAfterMsMax',
    replacement: 'retryAfterMsMax',
    tests: ['test/upstream/retry-after.test.ts'],
  },
  {
    name: 'a redirect that names no work is no outage of three attempts',
    file: 'src/tasks/submit/retry-policy.ts',
    search: "if (outcome.cause === 'redirect') {",
    replacement: "if (outcome.cause === 'redirect' && key.troubles.own > 1_000) {",
    tests: [poisoned],
  },
  {
    name: 'what Keevx itself says of the key is not laid to the words of an order',
    file: 'src/tasks/submit/retry-policy.ts',
    search: 'if (outcome.isForeign && key.troubles.own',
    replacement: 'if (key.troubles.own',
    tests: [limited],
  },
  {
    name: 'a 429 that was laid to its own kind lowers no limit for long',
    file: 'src/upstream/keys/keyring.ts',
    search: 'if (limited.revokes) key.limit.revoke(nowMs)',
    replacement: '',
    tests: [alone],
  },
  {
    name: '429s that were under way together count once',
    file: blame,
    search: 'times[scope] = before.times + (isNew ? 1 : 0)',
    replacement: 'times[scope] = before.times + 1',
    tests: ['test/upstream/limit-blame.test.ts'],
  },
  {
    name: 'a customer of nearly all orders is not the cause of what limits all',
    file: blame,
    search: 'expected >= expectedMin && ',
    replacement: '',
    tests: ['test/upstream/limit-blame.test.ts'],
  },
  {
    name: 'what all meet as often is laid to nobody',
    file: blame,
    search: ' && others.limited <= expected * shareOfOthersMax',
    replacement: '',
    tests: ['test/upstream/limit-blame.test.ts'],
  },
  {
    name: 'pages hold no model',
    file: blame,
    search: "isPage ? scopes.filter((scope) => scope !== 'model') : scopes",
    replacement: 'scopes',
    tests: ['test/upstream/limit-blame.test.ts'],
  },
  {
    name: 'what one key is answered holds no order for another',
    file: holds,
    search: 'if (until === null) return null',
    replacement: 'if (until === null) continue',
    tests: ['test/upstream/limit-holds.test.ts'],
  },
  {
    name: 'a place that is given back says nothing of how much may be in flight',
    file: 'src/upstream/keys/held-key.ts',
    search: 'attempt: this.limit.reserve(nowMs) }',
    replacement: 'attempt: this.limit.begin(nowMs) }',
    tests: ['test/upstream/keyring.test.ts'],
  },
  {
    name: 'one odd work does not say for how long nobody is asked about',
    file: 'src/tasks/poll/query.ts',
    search: 'limited.isShared ? patienceMs : Math.min(patienceMs, upstream.settings.submit.after429Ms)',
    replacement: 'patienceMs',
    tests: ['test/tasks/limited-polls.test.ts'],
  },
  {
    name: 'accounts that are limited often do not hide each other',
    file: blame,
    search: 'others.limited -= share.limited',
    replacement: '',
    tests: ['test/upstream/limit-blame.test.ts'],
  },
]
