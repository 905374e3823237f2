// Orders: posted again only where Keevx documents it, and never where the outcome is unknown.
import type { Guard } from '../guard.ts'

const answers = 'test/tasks/submit-answers.long.test.ts'
const trouble = 'test/tasks/upstream-trouble.long.test.ts'
const recording = 'test/tasks/recording.test.ts'
const adopting = 'test/tasks/callbacks-adopt.test.ts'
const rescue = 'test/tasks/sweep.test.ts'
const stop = 'test/load/stop.test.ts'
const redirects = 'test/upstream/submit-redirects.test.ts'
const submit = 'test/upstream/submit.test.ts'
const client = 'test/upstream/client.test.ts'
const ids = 'test/upstream/submit-ids.test.ts'
const simulation = 'test/simulation/simulation.long.test.ts'

const dispatch = 'src/tasks/submit/submit.ts'
const accept = 'src/tasks/submit/accept.ts'
const outcome = 'src/tasks/submit/outcome.ts'
const retryPolicy = 'src/tasks/submit/retry-policy.ts'
const rescuing = 'src/tasks/rescue/rescue.ts'
const takeover = 'src/tasks/rescue/release-leases.ts'

export const guards: readonly Guard[] = [
  {
    name: 'an order is claimed by one who finds it queued',
    file: 'src/tasks/submit/claim-request.ts',
    search: "eq(requests.state, 'queued'),",
    replacement: '',
    tests: ['test/tasks/claims.test.ts', 'test/tasks/late-holders.test.ts'],
  },
  {
    name: 'an attempt is written down before it is made',
    file: dispatch,
    search: 'await insertAttempt(tx, {',
    replacement: 'await Promise.resolve({',
    tests: [answers, simulation],
  },
  {
    name: 'attempts are as many as are allowed',
    file: retryPolicy,
    search: 'request.retriesMade + 1 >= submit.attemptsMax',
    replacement: 'request.retriesMade >= submit.attemptsMax',
    tests: [answers],
  },
  {
    name: 'attempts are counted',
    file: outcome,
    search: "(decision.counts === 'retriesMade' ? 1 : 0)",
    replacement: '0',
    tests: [answers, simulation],
  },
  {
    name: 'an unknown outcome is never posted again',
    file: retryPolicy,
    search: "    case 'unknown':\n      return { kind: 'wait' }",
    replacement: "    case 'unknown':\n      return retry(0, outcome.detail)",
    tests: [answers, simulation],
  },
  {
    name: 'where ambiguous means wait, a 5xx is not posted again',
    file: retryPolicy,
    search: "if (submit.ambiguous === 'wait') return { kind: 'wait' }",
    replacement: '',
    tests: [answers, simulation],
  },
  {
    name: 'after a 5xx there is a pause',
    file: retryPolicy,
    search: "outcome.cause === 'server_error' ? submit.after5xxMs : 0",
    replacement: '0',
    tests: [simulation],
  },
  {
    name: 'an upstream that nobody answers for is tried at growing pauses',
    file: retryPolicy,
    search: 'if (failuresInRow < atOnceMax) return 0',
    replacement: 'return 0',
    tests: [trouble],
  },
  {
    name: 'an ambiguous answer that came late posts nothing again',
    file: outcome,
    search: "decision.certain ? answerable : ['submitting']",
    replacement: 'answerable',
    tests: [recording],
  },
  {
    name: 'a documented retry is certain, an ambiguous one is not',
    file: retryPolicy,
    search: "certain: outcome.kind !== 'ambiguous',",
    replacement: 'certain: true,',
    tests: [recording],
  },
  {
    name: 'an order whose process died is given up for unknown, not posted',
    file: outcome,
    search: "state: 'unknown',\n      dueAt: nowMs + giveUpAfterMs,",
    replacement: "state: 'queued',\n      dueAt: nowMs,",
    tests: [rescue, simulation],
  },
  {
    name: 'an order of unknown outcome is given back at its limit',
    file: rescuing,
    search: "failRequest({ tx, nowMs }, id, { from: ['unknown'], failure })",
    replacement: 'Promise.resolve([])',
    tests: [answers, recording],
  },
  {
    name: 'an order that nobody took is given back at queue_for',
    file: rescuing,
    search: "failRequest({ tx, nowMs }, id, { from: ['queued'], failure })",
    replacement: 'Promise.resolve([])',
    tests: [rescue],
  },
  {
    name: 'an order that seemed abandoned is looked at again before it is given up',
    file: rescuing,
    search: '(await isAsFound(tx, request)) ? await end(tx, request) : null,',
    replacement: 'await end(tx, request),',
    tests: ['test/tasks/late-holders.test.ts'],
  },
  {
    name: 'a request that fails is one that has not ended',
    file: outcome,
    search: 'if (!moved) return []',
    replacement: '',
    tests: [adopting],
  },
  {
    name: 'a new process takes over what the one before had in hand',
    file: 'src/app/app.ts',
    search: 'if (!presence) await releaseLeases(ctx)',
    replacement: '',
    tests: ['test/worker/takeover.test.ts'],
  },
  {
    name: 'a lease ends with its process',
    file: takeover,
    search: ".where(and(eq(requests.state, 'submitting'), isNotNull(requests.dueAt), not(isPosting)))",
    replacement: ".where(eq(requests.id, ''))",
    tests: [recording],
  },
  {
    name: 'a look ends with its process',
    file: takeover,
    search: 'let after: number | null = nowMs + everyMs',
    replacement: 'let after: number | null = nowMs * 2',
    tests: [recording],
  },
  {
    name: 'a submit is not torn down by a stop',
    file: 'src/worker/worker.ts',
    search: 'submit(ctx, submission, new AbortController().signal)',
    replacement: 'submit(ctx, submission, stopping.signal)',
    tests: [stop],
  },
  {
    name: 'a task without an upstream id is given back',
    file: accept,
    search: 'else if (moved) ended.push(await failTask(scope, task, notMade(fresh.length, waiting.length)))',
    replacement: '',
    tests: [answers, simulation],
  },
  {
    name: 'an id that another task has settles nothing twice',
    file: accept,
    search: 'const fresh = upstreamTaskIds.filter((id) => !owners.has(id))',
    replacement: 'const fresh = upstreamTaskIds',
    tests: [answers, simulation],
  },
  {
    name: 'an id that is too many is known as an orphan',
    file: accept,
    search: 'fresh.slice(waiting.length),',
    replacement: '[],',
    tests: [answers, simulation],
  },
  {
    name: 'an id that was given twice is known as an orphan',
    file: accept,
    search: 'owners.has(id) && owners.get(id) !== request.id)',
    replacement: 'owners.has(id) && owners.get(id) === request.id)',
    tests: [answers, simulation],
  },
  {
    name: 'work that came too late runs nothing',
    file: accept,
    search: "tasks.filter(({ state }) => state === 'submitting' || state === 'unknown')",
    replacement: 'tasks.filter(({ state }) => state !== null)',
    tests: [recording, simulation],
  },
  {
    name: 'a 429 pauses its key',
    file: outcome,
    search: "upstream.keys.pause(key.fingerprint, 'all', { untilMs, nowMs })",
    replacement: '',
    tests: [trouble, simulation],
  },
  {
    name: 'a Retry-After of nothing is a pause all the same',
    file: 'src/tasks/poll/interval.ts',
    search: 'retryAfterMs === null || retryAfterMs <= 0 ?',
    replacement: 'retryAfterMs === null ?',
    tests: [trouble, simulation],
  },
  {
    name: 'a key that Keevx does not take is set aside',
    file: 'src/upstream/keys/held-key.ts',
    search: "return order.isProven === true ? null : 'rejected'",
    replacement: 'return null',
    tests: ['test/upstream/keyring.test.ts', trouble],
  },
  {
    name: 'ids beside an error are paid work',
    file: 'src/upstream/answers/submit.ts',
    search: 'if (ids.length > 0) {',
    replacement: 'if (ids.length > 0 && isSuccess(status)) {',
    tests: [ids],
  },
  {
    name: 'a success without ids is unknown',
    file: 'src/upstream/answers/submit.ts',
    search: 'if (isSuccess(status)) return outcomeOfSuccess(answer, rules)',
    replacement: '',
    tests: [submit],
  },
  {
    name: 'a redirect may be the answer to an order that was taken',
    file: 'src/upstream/answers/submit.ts',
    search: "  if (status < 400) return { kind: 'ambiguous', cause: 'redirect', detail }\n",
    replacement: '',
    tests: [redirects],
  },
  {
    name: 'a broken connection is ambiguous, not refused',
    file: 'src/upstream/answers/submit.ts',
    search: "if (result.kind === 'broken') return { kind: 'ambiguous', cause: 'broken_connection', detail }",
    replacement: "if (result.kind === 'broken') return { kind: 'not_accepted', detail }",
    tests: [submit],
  },
  {
    name: '100002 is about the key for videos alone',
    file: 'src/upstream/keevx/errors.ts',
    search: "[100002, { kind: 'key' }],",
    replacement: '[100002, parameterRefused],',
    tests: [submit],
  },
  {
    name: 'undici sends no paid order a second time',
    file: 'src/upstream/watched-call.ts',
    search: '} else if (this.controller) {',
    replacement: '} else if (false) {',
    tests: [client],
  },
  {
    name: 'a call that was given up while connecting sends nothing',
    file: 'src/upstream/watched-call.ts',
    search:
      "if (this.settled) {\n      controller.abort(new Error('given up before a connection was there'))",
    replacement: "if (this.settled) {\n      void 'given up before a connection was there'",
    tests: [client],
  },
  {
    name: 'what may have been sent is never called not connected',
    file: 'src/upstream/watched-call.ts',
    search: 'if (!this.controller) return this.settle(',
    replacement: 'if (!this.head) return this.settle(',
    tests: [client, submit],
  },
  {
    name: 'every submit has a connection of its own',
    file: 'src/upstream/client.ts',
    search: 'options.reuse ? createKept(options) : createSingleUse(options)',
    replacement: 'createKept(options)',
    tests: [client],
  },
  {
    name: 'an answer without end is not read into memory',
    file: 'src/upstream/watched-call.ts',
    search: 'if (this.bytes > bodyBytesMax) this.giveUp(',
    replacement: 'if (this.bytes < 0) this.giveUp(',
    tests: [client],
  },
]
