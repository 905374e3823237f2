// How much is posted at once, and when a key rests: no burst after a pause, and one order's trouble is its own.
import type { Guard } from '../guard.ts'

const keyring = 'test/upstream/keyring.test.ts'
const limits = 'test/upstream/concurrency-limit.test.ts'
const keys = 'test/tasks/upstream-keys.long.test.ts'

const limit = 'src/upstream/rate-limits/concurrency-limit.ts'
const blame = 'src/upstream/keys/key-blame.ts'
const rest = 'src/upstream/keys/key-rest.ts'
const retryPolicy = 'src/tasks/submit/retry-policy.ts'

export const guards: readonly Guard[] = [
  {
    name: 'the trouble of one account rests no key',
    file: blame,
    search: 'const troubledAccountsMax = 3',
    replacement: 'const troubledAccountsMax = 1',
    tests: [keyring, keys],
  },
  {
    name: 'what orders of several accounts meet in a row is not laid to their charge',
    file: blame,
    search: 'return this.#troubled.size >= troubledAccountsMax',
    replacement: 'return false',
    tests: [keyring, keys],
  },
  {
    name: 'a good answer ends the trouble that is counted in a row',
    file: blame,
    search: 'if (isAccepted || !payingStatuses.has(status)) this.#troubled.delete(accountId)',
    replacement: 'void [status, accountId]',
    tests: [keyring],
  },
  {
    name: 'a path that is not there is laid to an order only where others are answered',
    file: blame,
    search: '(!isShared && !addressStatuses.has(status))',
    replacement: 'true',
    tests: [keyring],
  },
  {
    name: 'an order that is turned away again and again is given back',
    file: retryPolicy,
    search: "case 'order_trouble':\n      if (key.troubles.own >= troublesMax)",
    replacement: "case 'order_trouble':\n      if (key.troubles.own > 1_000)",
    tests: [keys],
  },
  {
    name: 'one order that does not connect is no outage',
    file: blame,
    search: 'const unconnectedOrdersMax = 3',
    replacement: 'const unconnectedOrdersMax = 1',
    tests: [keyring],
  },
  {
    name: 'an outage makes the key rest',
    file: blame,
    search: 'return this.#unconnected.size >= unconnectedOrdersMax',
    replacement: 'return false',
    tests: [keyring, keys],
  },
  {
    name: 'a resting key is probed by one at a time',
    file: rest,
    search: 'return !this.#rest || (this.isOver(nowMs) && !this.#isProbing)',
    replacement: 'return !this.#rest || this.isOver(nowMs)',
    tests: [keyring],
  },
  {
    name: 'the pauses between probes grow',
    file: rest,
    search: 'firstMs * 2 ** pauses',
    replacement: 'firstMs',
    tests: [keyring, keys],
  },
  {
    name: 'many that were under way together tell of an outage once',
    file: rest,
    search: 'return this.#rest ? isProbe : rests === this.#ended',
    replacement: 'return true',
    tests: [keyring],
  },
  {
    name: 'a clock that is set back makes no rest longer',
    file: rest,
    search: ' || nowMs < this.#rest.since',
    replacement: '',
    tests: [keyring],
  },
  {
    name: 'an order that was the probe comes after the others',
    file: 'src/tasks/submit/retry-policy.ts',
    search: 'key.restsUntil === null ? 0 : key.restsUntil + behindMs',
    replacement: '0',
    tests: [keys],
  },
  {
    name: 'a 429 lowers the limit',
    file: limit,
    search: "if (how === 'rate_limited') this.#refused(attempt, nowMs)",
    replacement: '',
    tests: [limits],
  },
  {
    name: 'each 429 of a burst takes one off',
    file: limit,
    search: 'burst.refused += 1',
    replacement: 'burst.refused = 1',
    tests: [limits],
  },
  {
    name: 'a step beyond the ceiling waits longer after each 429',
    file: limit,
    search: 'Math.min(creepMaxMs, firstMs * 2 ** this.#creep.hits)',
    replacement: 'minuteMs',
    tests: [limits],
  },
  {
    name: 'a limit that is not used up is not raised',
    file: limit,
    search: ' || this.#window.top < this.#fullTop()',
    replacement: '',
    tests: [limits],
  },
  {
    name: 'after a pause submits begin one by one',
    file: limit,
    search: '    this.#released = 0\n    this.#spread()',
    replacement: '',
    tests: [limits],
  },
  {
    name: 'an attempt ends once',
    file: limit,
    search: 'if (!this.#open.has(attempt)) return false',
    replacement: '',
    tests: [limits, keyring],
  },
  {
    name: 'with many keys no more are in flight than there are connections',
    file: 'src/upstream/keys/keyring.ts',
    search: 'Math.min(inFlightMax - inFlight, sum(this.#held.map((key) => key.room(nowMs))))',
    replacement: 'sum(this.#held.map((key) => key.room(nowMs)))',
    tests: [keyring],
  },
  {
    name: 'a place that no order was found for is given back',
    file: 'src/tasks/submit/submit.ts',
    search: 'if (!used.has(lease)) keys.giveBack',
    replacement: 'if (used.has(lease) && used.size < 0) keys.giveBack',
    tests: [keys],
  },
  {
    name: 'what is told of calls to all names no host',
    file: 'src/upstream/keys/call-log.ts',
    search: 'return unconnectedWords(result.detail)',
    replacement: 'return result.detail',
    tests: [keyring],
  },
]
