// Callbacks: who may call, and that what is heard is a hint and nothing more.
import type { Guard } from '../guard.ts'

const door = 'test/http/callbacks.test.ts'
const secrets = 'test/http/callback-secrets.test.ts'
const heard = 'test/tasks/callbacks.test.ts'
const adopted = 'test/tasks/callbacks-adopt.test.ts'
const late = 'test/tasks/callbacks-late.test.ts'
const several = 'test/tasks/callbacks-several.test.ts'
const simulation = 'test/simulation/simulation.long.test.ts'

const callback = 'src/tasks/callbacks/url.ts'
const hear = 'src/tasks/callbacks/receive.ts'
const follow = 'src/tasks/callbacks/resolve.ts'
const assign = 'src/tasks/callbacks/assign.ts'
const hints = 'src/tasks/callbacks/unmatched.ts'
const standing = 'src/tasks/callbacks/classify.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a callback bears the secret of its attempt',
    file: callback,
    search: 'if (!attempt || !isRight) return null',
    replacement: 'if (!attempt) return null',
    tests: [door, simulation],
  },
  {
    name: 'a callback token opens nothing after seven days',
    file: callback,
    search: 'return isOld ? null : admitted',
    replacement: 'return admitted',
    tests: [late, door],
  },
  {
    name: 'of a callback token only the hash is kept',
    file: callback,
    search: "    tokenHash: hashOf(token).toString('hex'),",
    replacement: "    tokenHash: Buffer.from(token).toString('hex'),",
    tests: [heard, door, secrets],
  },
  {
    name: 'a callback token is random',
    file: callback,
    search: "  const token = randomBytes(tokenBytes).toString('base64url')",
    replacement: "  const token = 'A'.repeat(43)",
    tests: [heard],
  },
  {
    name: 'who does not bear the token is a stranger',
    file: 'src/http/callbacks.ts',
    search: 'await limits.stranger(request)',
    replacement: '',
    tests: [door],
  },
  {
    name: 'a callback is read up to its limit',
    file: 'src/http/callbacks.ts',
    search: "{ parseAs: 'buffer', bodyLimit: bodyBytesMax }",
    replacement: "{ parseAs: 'buffer', bodyLimit: 2 * bodyBytesMax }",
    tests: [door],
  },
  {
    name: 'a callback of another operation than was ordered says nothing',
    file: hear,
    search: 'if (hint.operation !== operation || upstreamTaskId.includes(secret))',
    replacement: 'if (upstreamTaskId.includes(secret))',
    tests: [heard],
  },
  {
    name: 'an id that is our own secret is none',
    file: hear,
    search: 'if (hint.operation !== operation || upstreamTaskId.includes(secret))',
    replacement: 'if (hint.operation !== operation)',
    tests: [heard],
  },
  {
    name: "a callback about another request's work is not heard",
    file: standing,
    search: "if (task.requestId !== requestId) return { kind: 'foreign' }",
    replacement: '',
    tests: [heard, adopted],
  },
  {
    name: 'a callback names no more work than an order could have',
    file: hints,
    search: "if ((kept?.unmatched ?? 0) >= unmatchedOfAttemptMax) return 'too_many'",
    replacement: '',
    tests: [heard],
  },
  {
    name: 'while an order is being posted its answer says whose the work is',
    file: assign,
    search: "if (!request || request.state === 'submitting') return { kind: 'too_early' }",
    replacement: "if (!request) return { kind: 'too_early' }",
    tests: [several, adopted],
  },
  {
    name: "work that may be another order's is left alone",
    file: follow,
    search:
      "if (found.kind === 'nobodys' && (await mayBeAnothers(ctx.db.read, unmatched, submitLeaseMs(upstream)))) {",
    replacement: 'if (submitLeaseMs(upstream) < 0) {',
    tests: [adopted],
  },
  {
    name: 'work is believed in when our own look has found it',
    file: follow,
    search: 'if (!saysThatItExists(seen)) {',
    replacement: 'if (false) {',
    tests: [adopted, simulation],
  },
  {
    name: 'an order that was taken after all is never posted again',
    file: assign,
    search: "state: 'accepted',\n      dueAt: isMoreAwaited ? giveUpAt : null,",
    replacement: 'state: request.state,\n      dueAt: isMoreAwaited ? giveUpAt : null,',
    tests: [several, adopted, simulation],
  },
  {
    name: 'an order taken up by a callback keeps its limit',
    file: assign,
    search: 'const giveUpAt = wasToBePosted ? limit : (request.dueAt ?? limit)',
    replacement: 'const giveUpAt = limit',
    tests: [adopted],
  },
  {
    name: 'work that no task waits for is an orphan',
    file: assign,
    search: "return { kind: 'orphan', reason: await recordStray({ tx, nowMs }, work, reason) }",
    replacement: "return { kind: 'orphan', reason: reason === 'extra_id' ? reason : null }",
    tests: [late, several],
  },
  {
    name: 'a task that no callback named is given back at the limit',
    file: 'src/tasks/rescue/rescue.ts',
    search: "if (task.state !== 'unknown') continue",
    replacement: "if (task.state === 'unknown') continue",
    tests: [several, simulation],
  },
  {
    name: 'a success after a task was given up is known as paid',
    file: 'src/tasks/poll/poll.ts',
    search: "asItIs?.state === 'failed' ? await recordLateSuccess(scope, task) : null",
    replacement: 'asItIs ? null : await recordLateSuccess(scope, task)',
    tests: [late],
  },
  {
    name: 'callbacks have a task looked at once in two seconds',
    file: 'src/upstream/callback-health.ts',
    search: 'const at = Math.max(nowMs, last + lookEveryMs)',
    replacement: 'const at = nowMs',
    tests: ['test/upstream/hearing.test.ts', heard],
  },
]
