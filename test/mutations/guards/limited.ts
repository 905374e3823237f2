// 429 and 401: of everybody who uses a key, or of one order or task alone.
import type { Guard } from '../guard.ts'

const suspicion = 'test/upstream/suspicion.test.ts'
const recognition = 'test/upstream/recognition.test.ts'
const redirects = 'test/upstream/submit-redirects.test.ts'
const poisoned = 'test/tasks/poisoned-orders.long.test.ts'
const limited = 'test/tasks/limited-orders.long.test.ts'
const alone = 'test/tasks/limited-alone.long.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'an order that alone is answered 429 loses its place in the end',
    file: 'src/tasks/submit/retry-policy.ts',
    search: ' && key.limited.ofOrder < limitedInPlaceMax',
    replacement: '',
    tests: [limited],
  },
  {
    name: 'what one order alone is answered 401 sets no key aside',
    file: 'src/upstream/keys/held-key.ts',
    search: 'order.isProven === true ? null : ',
    replacement: '',
    tests: [limited],
  },
  {
    name: 'an order that alone is answered 429 comes ever more rarely',
    file: 'src/tasks/submit/retry-policy.ts',
    search: 'return later(heldUntil + behindMs - nowMs, null)',
    replacement: 'return later(0, null)',
    tests: [limited, alone],
  },
  {
    name: 'a work whose polls alone are answered 429 is asked about ever more rarely',
    file: 'src/tasks/poll/interval.ts',
    search: 'if (!isOwn) return 0',
    replacement: 'if (times > 0) return 0',
    tests: [limited],
  },
  {
    name: '429 to the polls of all is no trouble of single works',
    file: 'src/tasks/poll/interval.ts',
    search: 'if (!isOwn) return 0',
    replacement: 'if (times === 0 && isOwn) return 0',
    tests: [limited],
  },
  {
    name: 'what another key is answered says nothing of the polls of this one',
    file: 'src/upstream/rate-limits/polls.ts',
    search: 'answered: (key: string, workId: string): void => of(key).answered(workId),',
    replacement:
      'answered: (_: string, workId: string): void => ofKeys.forEach((each) => each.answered(workId)),',
    tests: ['test/upstream/limited-polls.test.ts'],
  },
  {
    name: 'the sweep ends no pause that may be so long',
    file: 'src/tasks/rescue/far-off.ts',
    search: 'Math.max(longestPauseMs(upstream), submit.after429Ms)',
    replacement: 'Math.max(60_000, submit.after429Ms)',
    tests: [limited],
  },
  {
    name: 'the sweep brings no work back that is asked about rarely',
    file: 'src/tasks/rescue/far-off.ts',
    search: '      limitedPollPauseMaxMs,\n',
    replacement: '',
    tests: [limited],
  },
  {
    name: 'quick refusals raise no suspicion before slower answers are there',
    file: 'src/upstream/keys/held-key.ts',
    search: 'return isShared && !this.limit.isOpenBefore(this.#blame.firstAttempt)',
    replacement: 'return isShared',
    tests: [suspicion],
  },
  {
    name: 'an order that is taken ends a suspicion, whenever it was posted',
    file: 'src/upstream/keys/held-key.ts',
    search: "if (this.rest.current?.reason === 'suspected' && !this.#blame.isShared) this.#works()",
    replacement: '',
    tests: [suspicion],
  },
  {
    name: 'a suspicion says nothing of how much may be in flight',
    file: 'src/upstream/keys/held-key.ts',
    search: " && this.rest.current.reason !== 'suspected') this.limit.restart()",
    replacement: ') this.limit.restart()',
    tests: [suspicion],
  },
  {
    name: 'the refusals of a firewall teach the concurrency limit nothing',
    file: 'src/upstream/keys/keyring.ts',
    search: "return isAnswer(outcome) ? 'answered' : 'other'",
    replacement: "return isAnswer(outcome) || outcome.kind === 'order_trouble' ? 'answered' : 'other'",
    tests: [suspicion],
  },
  {
    name: 'while nothing proves the key the attempts of an order span minutes',
    file: 'src/tasks/submit/retry-policy.ts',
    search: 'const longMs = unprovenPausesMs[own - 1] ?? 0',
    replacement: 'const longMs = 0 * own',
    tests: [poisoned],
  },
  {
    name: 'an order that alone is turned away ends soon',
    file: 'src/tasks/submit/retry-policy.ts',
    search: 'if (isAlone) return soonMs',
    replacement: 'if (isAlone && met < 0) return soonMs',
    tests: [poisoned],
  },
  {
    name: 'only an order that is taken proves the key',
    file: 'src/upstream/keys/keyring.ts',
    search: "outcome.kind === 'accepted' ? 'accepted' : 'otherwise'",
    replacement: "'accepted'",
    tests: [suspicion],
  },
  {
    name: 'odd works hold no orders',
    file: 'src/upstream/recognition.ts',
    search: 'if (isOdd) return false',
    replacement: '',
    tests: [recognition],
  },
  {
    name: 'a work that was answered itself is no odd one',
    file: 'src/upstream/recognition.ts',
    search: 'works.answered(workId)',
    replacement: "works.answered('')",
    tests: [recognition],
  },
  {
    name: 'while polls try the address orders are risked ever more rarely',
    file: 'src/upstream/recognition.ts',
    search: 'isPolled ? growthWhilePolled : growth',
    replacement: 'isPolled ? growth : growth',
    tests: [recognition],
  },
  {
    name: 'an order that is answered 303 is not posted again',
    file: 'src/upstream/keevx/submit.ts',
    search: 'if (status === 303 || (namesWork && status < 400)) {',
    replacement: 'if (namesWork && status < 400) {',
    tests: [redirects],
  },
  {
    name: 'nor is one whose redirect names a work',
    file: 'src/upstream/keevx/submit.ts',
    search: 'if (status === 303 || (namesWork && status < 400)) {',
    replacement: 'if (status === 303) {',
    tests: [redirects],
  },
  {
    name: 'a redirect that may be made again names no work that is taken for ours',
    file: 'src/upstream/keevx/submit.ts',
    search: 'if (isTaken && inLocation.length > 0 && inLocation.length <= count) {',
    replacement: 'if (inLocation.length > 0 && inLocation.length <= count) {',
    tests: [redirects],
  },
  {
    name: 'a place that names more works than were ordered is not clear',
    file: 'src/upstream/keevx/submit.ts',
    search: 'if (isTaken && inLocation.length > 0 && inLocation.length <= count) {',
    replacement: 'if (isTaken && inLocation.length > 0) {',
    tests: [redirects],
  },
  {
    name: 'a refusal for its own words proves no account to be good',
    file: 'src/upstream/keys/key-blame.ts',
    search: 'if (isAccepted || !payingStatuses.has(status)) this.#troubled.delete(accountId)',
    replacement: 'this.#troubled.delete(isAccepted ? accountId : accountId)',
    tests: ['test/upstream/suspicion.test.ts'],
  },
  {
    name: 'that an order is read does not prove that others are paid for',
    file: 'src/upstream/keys/key-blame.ts',
    search: 'if (payingStatuses.has(status)) return accepted > 0',
    replacement: '',
    tests: ['test/upstream/suspicion.test.ts'],
  },
  {
    name: 'an order that a key refused is posted with another',
    file: 'src/upstream/keys/keyring.ts',
    search: 'const met = this.#troubles.keysOf(requestId)',
    replacement: 'const met: readonly string[] = []',
    tests: ['test/tasks/upstream-keys.long.test.ts'],
  },
  {
    name: 'what one key was answered says nothing of the account of another',
    file: 'src/upstream/keys/key-blame.ts',
    search: 'return before.keys[0] === key ?',
    replacement: "return key !== '' ?",
    tests: ['test/upstream/suspicion.test.ts'],
  },
  {
    name: 'the answers to one key are counted apart from those to another',
    file: 'src/upstream/keys/key-blame.ts',
    search: 'if (!keyStatuses.has(status)) return minus',
    replacement: 'if (status > 0) return minus',
    tests: ['test/upstream/suspicion.test.ts'],
  },
]
