// Keys, addresses, names and files that an operator changes: no paid work is given up for it, and no price comes into force.
import type { Guard } from '../guard.ts'

const replaced = 'test/tasks/replaced-keys.long.test.ts'
const unreachable = 'test/tasks/unreachable.test.ts'
const keys = 'test/config/upstream-keys.test.ts'
const files = 'test/config/file.test.ts'
const reloads = 'test/catalog/careful-reload.test.ts'
const expired = 'test/media/expired.test.ts'

export const guards: readonly Guard[] = [
  {
    name: '"no such task" is believed under the key that ordered it alone',
    file: 'src/tasks/poll/query.ts',
    search: "return seen.kind === 'missing' && !isAskedAsOrdered(upstream, asked) ?",
    replacement: "return seen.kind === 'missing' && asked.operation === '' ?",
    tests: [replaced],
  },
  {
    name: '"no such task" is believed at the address where it was ordered alone',
    file: 'src/upstream/keys/key-mark.ts',
    search: "return !mark.includes('@') || mark === markOf(key, place) ?",
    replacement: "return !mark.includes('@') || key !== place ?",
    tests: [replaced, unreachable],
  },
  {
    name: 'what is given up without an answer is an orphan',
    file: 'src/tasks/poll/poll.ts',
    search: 'orphan: ended && !isAnswered ? await recordUnanswered(scope, task) : null',
    replacement:
      'orphan: ended && isAnswered && scope.nowMs < 0 ? await recordUnanswered(scope, task) : null',
    tests: [replaced],
  },
  {
    name: 'work that goes on is an answer under its own key alone',
    file: 'src/tasks/poll/poll.ts',
    search:
      'const isAnswered = isAnswer(seen) && isAskedAsOrdered(scope.ctx.upstreams.get(task.upstream), task)',
    replacement: 'const isAnswered = isAnswer(seen)',
    tests: [replaced],
  },
  {
    name: 'a callback of which nothing could be learnt is an orphan after its week',
    file: 'src/tasks/callbacks/resolve.ts',
    search: "if (found.kind !== 'nobodys') return { kind: 'expired' }",
    replacement: "if (found.kind !== 'foreign') return { kind: 'expired' }",
    tests: [replaced],
  },
  {
    name: 'keys that are polls_only are asked for what they ordered',
    file: 'src/upstream/keys/keyring.ts',
    search: 'return [...this.#held, ...this.#pollsOnly].find((key) => key.fingerprint === fingerprint)',
    replacement: 'return this.#held.find((key) => key.fingerprint === fingerprint)',
    tests: [replaced],
  },
  {
    name: 'an alias is an upstream too',
    file: 'src/app/upstreams.ts',
    search: 'return [upstream, ...aliases].map(',
    replacement: 'return [upstream, ...aliases.slice(aliases.length)].map(',
    tests: [replaced],
  },
  {
    name: 'a gateway does not start without an upstream that open tasks name',
    file: 'src/app/app.ts',
    search: 'else await requireReach(ctx.db.read, config)',
    replacement: '',
    tests: [unreachable],
  },
  {
    name: 'orders without an answer count as open tasks of their upstream',
    file: 'src/tasks/unreachable/find.ts',
    search: '[...(await runningByKey(read)), ...(await submittedByKey(read))]',
    replacement: '[...(await runningByKey(read))]',
    tests: [unreachable],
  },
  {
    name: 'queued orders count as open tasks of an upstream that is gone',
    file: 'src/tasks/unreachable/find.ts',
    search: 'if (!upstreamNamed(config, upstream)) counted.push',
    replacement: "if (upstream === '') counted.push",
    tests: [unreachable],
  },
  {
    name: 'a reload is refused where the file leaves open tasks behind',
    file: 'src/tasks/unreachable/reload.ts',
    search: 'if (next) await requireReachAfter(ctx.db.read, next, ctx.config)',
    replacement: '',
    tests: [unreachable],
  },
  {
    name: 'the works of an upstream that is gone end at once with --orphan',
    file: 'src/tasks/unreachable/give-up.ts',
    search: 'if (gone.length > 0) await endSoon',
    replacement: 'if (gone.length > 99) await endSoon',
    tests: [unreachable],
  },
  {
    name: 'a key is not among those that order and those that do not',
    file: 'src/config/upstream-keys.ts',
    search: 'if (all.some((key) => keys.includes(key))) {',
    replacement: 'if (all.length < 0) {',
    tests: [keys],
  },
  {
    name: 'a section of models that is empty is refused',
    file: 'src/config/file/settings-file.ts',
    search: "key === 'models' && models === undefined",
    replacement: "key === 'modles' && models === undefined",
    tests: [files, reloads],
  },
  {
    name: 'a reload never goes from the models of a file to the built-in ones',
    file: 'src/catalog/live.ts',
    search: 'if (offer.models === null && isOfFile) throw',
    replacement: 'if (offer.models === null && version < 0) throw',
    tests: [reloads],
  },
  {
    name: 'models of a file that came after the start count as those of a file',
    file: 'src/catalog/live.ts',
    search: 'isOfFile = offer.models !== null\n      current',
    replacement: 'current',
    tests: [reloads],
  },
  {
    name: 'a file that changed by itself does not take away most of the models',
    file: 'src/catalog/live.ts',
    search: "if (by === 'watcher' && isNamed) requireMost(current, next)",
    replacement: '',
    tests: [reloads],
  },
  {
    name: 'a file that is being written is waited for',
    file: 'src/config/file/whole-file.ts',
    search: 'if (now === before && now !== 0) return',
    replacement: 'if (now !== before || now !== 0) return',
    tests: [reloads],
  },
  {
    name: 'a changed file is read once it was the same twice',
    file: 'src/cli/reload.ts',
    search: 'if (now === before) {',
    replacement: 'if (now !== seen) {',
    tests: ['test/cli/reload.test.ts'],
  },
  {
    name: 'a result that was passed on expires',
    file: 'src/tasks/read/view.ts',
    search: ' || isPast(task.resultExpiresAt, nowMs)',
    replacement: '',
    tests: [expired],
  },
  {
    name: 'a webhook bears no dead URL',
    file: 'src/webhooks/deliver.ts',
    search: '?? bodyAt(delivery.body, expiryTime(ctx))',
    replacement: '?? bodyAt(delivery.body, 0)',
    tests: ['test/webhooks/expired.test.ts'],
  },
  {
    name: 'a resent webhook bears the task as it is now',
    file: 'src/webhooks/deliveries.ts',
    search: 'taskId === null ? found.body',
    replacement: 'taskId === null || found.body.length > 0 ? found.body',
    tests: ['test/webhooks/expired.test.ts'],
  },
  {
    name: 'no result expires while the clock is not believed',
    file: 'src/expiry.ts',
    search: 'time.mayEnd(config.media.retentionMs) ? time.now() : -Infinity',
    replacement: 'config.media.retentionMs > 0 ? time.now() : -Infinity',
    tests: [expired],
  },
]
