// Answers: who speaks, in which shape, how packed, how much of it, and what is shown of it.
import type { Guard } from '../guard.ts'

const submit = 'test/upstream/submit.test.ts'
const trouble = 'test/upstream/submit-trouble.test.ts'
const ids = 'test/upstream/submit-ids.test.ts'
const drift = 'test/upstream/poll-drift.test.ts'
const poisoned = 'test/tasks/poisoned-orders.long.test.ts'
const packed = 'test/upstream/packed.test.ts'
const foreign = 'test/tasks/foreign-answers.test.ts'
const noResult = 'test/media/no-result.long.test.ts'
const shown = 'test/tasks/shown-status.test.ts'
const keys = 'test/config/upstream-keys.test.ts'
const manyIds = 'test/tasks/many-ids.test.ts'
const route = 'test/media/route.test.ts'

const keevxErrors = 'src/upstream/keevx/errors.ts'
const taskIds = 'src/upstream/answers/task-ids.ts'
const pollTask = 'src/tasks/poll/poll.ts'
const storing = 'src/tasks/results/store-result.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a 404 of a router is not of Keevx',
    file: keevxErrors,
    search: 'const isOfARouter = status === 404 &&',
    replacement: 'const isOfARouter = status === 0 &&',
    tests: [trouble, drift],
  },
  {
    name: 'an answer without words is not of Keevx',
    file: keevxErrors,
    search: 'return envelope.msg !== undefined && !isOfARouter',
    replacement: 'return !isOfARouter',
    tests: [trouble],
  },
  {
    name: 'only Keevx itself refuses an order',
    file: 'src/upstream/answers/submit.ts',
    search: '|| !rules.isOwn(answer)) {',
    replacement: ') {',
    tests: [trouble],
  },
  {
    name: 'a refused payment is no refused order',
    file: 'src/upstream/answers/submit.ts',
    search: 'if (isTroubleWhoeverSpeaks(status) ||',
    replacement: 'if (',
    tests: [trouble],
  },
  {
    name: 'something in an answer may be ids in an unknown shape',
    file: 'src/upstream/answers/submit.ts',
    search: 'if (isRefusal && (meaning || isEmpty(envelope))) {',
    replacement: 'if (isRefusal) {',
    tests: [submit],
  },
  {
    name: 'orders wait while something else answers',
    file: 'src/tasks/submit/submit.ts',
    search: 'recognition.admit(seen ? seen.picks.length : room, nowMs)',
    replacement: 'room',
    tests: [foreign],
  },
  {
    name: 'a page that orders alone meet is their own trouble while polls are answered',
    file: 'src/tasks/poll/query.ts',
    search: 'if (!upstream.keys.polled(upstreamKey, workId)) return',
    replacement: 'return',
    tests: ['test/tasks/foreign-answers.test.ts'],
  },
  {
    name: 'what 402 and 403 say of the account no poll refutes',
    file: 'src/upstream/keys/key-blame.ts',
    search: 'if (!accountStatuses.has(status)) this.#troubled.delete(accountId)',
    replacement: 'this.#troubled.delete(accountId)',
    tests: ['test/upstream/suspicion.test.ts', poisoned],
  },
  {
    name: 'an order whose trouble is proven its own makes nobody suspected again',
    file: 'src/upstream/keys/key-blame.ts',
    search: 'if (isProven !== true) {',
    replacement: 'if (isProven !== null) {',
    tests: ['test/upstream/suspicion.test.ts', poisoned],
  },
  {
    name: 'a suspected key is tried by whoever has met no trouble',
    file: 'src/upstream/keys/held-key.ts',
    search: 'this.pausedUntil(nowMs) <= nowMs && this.rest.mayTry(nowMs)',
    replacement: 'false',
    tests: ['test/upstream/suspicion.test.ts', poisoned],
  },
  {
    name: 'an account in trouble is not tried ahead of its time',
    file: 'src/tasks/queue/probe.ts',
    search: "caution === 'try' ? [] : flows.filter((flow) => !isNew(flow))",
    replacement: 'flows.filter((flow) => !isNew(flow))',
    tests: [poisoned],
  },
  {
    name: 'the probe is rather an order that has met no trouble',
    file: 'src/tasks/queue/probe.ts',
    search: 'if (!keys.isInTrouble(next.id) && suits(next)) return next',
    replacement: 'if (suits(next)) return next',
    tests: [poisoned],
  },
  {
    name: 'an order that is refused while others are answered comes to an end',
    file: 'src/upstream/keys/key-blame.ts',
    search: 'isOnlyIts || (!isShared',
    replacement: '(!isShared',
    tests: [poisoned],
  },
  {
    name: 'ids of one answer are bounded',
    file: taskIds,
    search: 'if (ids.size >= max) break',
    replacement: '',
    tests: [ids],
  },
  {
    name: 'entries of one answer are bounded',
    file: taskIds,
    search: 'for (const entry of entries.slice(0, entriesReadMax)) {',
    replacement: 'for (const entry of entries) {',
    tests: [ids],
  },
  {
    name: 'long numbers keep their digits',
    file: 'src/upstream/answers/json.ts',
    search: 'const safeDigitsMax = 15',
    replacement: 'const safeDigitsMax = 150',
    tests: [ids],
  },
  {
    name: 'what was ordered is written down though the rest cannot be',
    file: 'src/tasks/submit/outcome.ts',
    search: 'if (!smaller || error instanceof CommitUnknown) throw error',
    replacement: 'if (smaller !== undefined) throw error',
    tests: [manyIds],
  },
  {
    name: 'a packed answer is unpacked within bounds',
    file: 'src/upstream/encoding.ts',
    search: 'body = await unpack(body, { maxOutputLength: bytesMax })',
    replacement: 'body = await unpack(body, { maxOutputLength: 2 ** 31 })',
    tests: [packed],
  },
  {
    name: 'an answer is not packed without end',
    file: 'src/upstream/encoding.ts',
    search: 'if (codings.length > codingsMax) return',
    replacement: 'if (codings.length > 99) return',
    tests: [packed],
  },
  {
    name: 'what has arrived is read before a timer counts',
    file: 'src/upstream/watched-call.ts',
    search: 'if (!this.controller) return this.giveUp(kind, detail)',
    replacement: 'if (turnsLeft > 0) return this.giveUp(kind, detail)',
    tests: [packed],
  },
  {
    name: 'what has arrived is read before a deadline counts',
    file: 'src/net/deadline.ts',
    search: 'reading = setImmediate(expire)',
    replacement: 'expire()',
    tests: ['test/net/frozen.test.ts'],
  },
  {
    name: 'what has arrived is read before a time limit counts',
    file: 'src/net/deadline.ts',
    search: '() => setImmediate(() => controller.abort(over.reason))',
    replacement: '() => controller.abort(over.reason)',
    tests: ['test/net/frozen.test.ts'],
  },
  {
    name: 'what is said of a failure is read in steps in proportion to it',
    file: 'src/upstream/answers/reason.ts',
    search: String.raw`/[\w.@-]{0,64}keevx`,
    replacement: String.raw`/[\w.@-]*keevx`,
    tests: ['test/upstream/reason.test.ts'],
  },
  {
    name: 'of a long message the beginning is read',
    file: 'src/upstream/answers/redact.ts',
    search: 'text.slice(0, charactersMax + lookAheadCharacters)',
    replacement: 'text',
    tests: ['test/upstream/reason.test.ts'],
  },
  {
    name: 'a pattern begins where nothing before it would have fitted',
    file: 'src/upstream/calls.ts',
    search: '(?<![^/])[^/]{16,}$',
    replacement: '[^/]{16,}$',
    tests: ['test/regexes.test.ts'],
  },
  {
    name: 'a secret in base64 is none the less one',
    file: 'src/upstream/answers/redact.ts',
    search: 'hidesOne(run, known) ? instead : run',
    replacement: 'known.length < 0 ? instead : run',
    tests: [submit],
  },
  {
    name: 'a secret in percent signs is none the less one',
    file: 'src/upstream/answers/redact.ts',
    search: 'plain(decodedPercents(text.slice(0, charactersMax + lookAheadCharacters)))',
    replacement: 'plain(text.slice(0, charactersMax + lookAheadCharacters))',
    tests: [submit],
  },
  {
    name: 'a result that the guard refuses is none',
    file: pollTask,
    search: 'if (isRefused(imageUrl) || isRefused(videoUrl)) {',
    replacement: 'if (false) {',
    tests: [noResult],
  },
  {
    name: 'a page is no picture',
    file: 'src/media/keep.ts',
    search: "? 'refused' : 'no_result'\n}",
    replacement: "? 'refused' : 'failed'\n}",
    tests: [noResult],
  },
  {
    name: 'what was no result is not passed on',
    file: storing,
    search: "if (!have.has('result') && task.errorDetail !== null) {",
    replacement: 'if (false) {',
    tests: [noResult],
  },
  {
    name: 'what was no result ends at its limit',
    file: pollTask,
    search: 'if (task.errorDetail !== null && (isLast || !storeForNew(ctx))) {',
    replacement: 'if (false) {',
    tests: [noResult],
  },
  {
    name: 'another try moves no limit',
    file: storing,
    search: 'const giveUpAt = isAgain ?',
    replacement: 'const giveUpAt = false ?',
    tests: [noResult],
  },
  {
    name: 'a task that began is shown as running from then on',
    file: pollTask,
    search: "seen.kind === 'running' && task.upstreamPending ?",
    replacement: "seen.kind === 'missing' && task.upstreamPending ?",
    tests: [shown],
  },
  {
    name: 'one of unknown outcome is shown as running from then on',
    file: 'src/tasks/events/begin.ts',
    search: "if (state === 'unknown') begun",
    replacement: "if (state === 'queued') begun",
    tests: [shown],
  },
  {
    name: 'measures come with the result',
    file: 'src/tasks/read/view.ts',
    search: '(isMade ? value : null)',
    replacement: 'value',
    tests: [noResult],
  },
  {
    name: 'an upstream is not given the keys of keevx',
    file: 'src/config/upstream-keys.ts',
    search: 'isKeevx(owner) ? keevxKeys : []',
    replacement: 'keevxKeys',
    tests: [keys],
  },
  {
    name: 'a picture goes where its order goes',
    file: 'src/tasks/create/create.ts',
    search: 'await uploadInlineImages(ctx, body, { accountId, upstreamName })',
    replacement: "await uploadInlineImages(ctx, body, { accountId, upstreamName: 'keevx' })",
    tests: [route],
  },
  {
    name: 'what only the operator can mend is no outage of the upstream',
    file: 'src/tasks/rescue/rescue.ts',
    search: 'if (upstream.recognition.isEstranged()) {',
    replacement: 'if (upstream.recognition.isEstranged() && name === "") {',
    tests: ['test/tasks/sweep.test.ts'],
  },
  {
    name: 'an upstream of which something else spoke at the start is trusted with no order',
    file: 'src/upstream/recognition.ts',
    search: '      inRow = foreignMax\n      pauseMs = pauseMaxMs\n',
    replacement: '      pauseMs = pauseMaxMs\n',
    tests: ['test/upstream/recognition.test.ts', 'test/tasks/sweep.test.ts'],
  },
]
