// Looks: what decides a task, what decides nothing, and that each comes to an end.
import type { Guard } from '../guard.ts'

const polls = 'test/tasks/polls.test.ts'
const looks = 'test/tasks/looks.test.ts'
const recording = 'test/tasks/recording.test.ts'
const poll = 'test/upstream/poll.test.ts'
const simulation = 'test/simulation/simulation.long.test.ts'

const pollTask = 'src/tasks/poll/poll.ts'
const pollRows = 'src/tasks/poll/rows.ts'
const reading = 'src/upstream/keevx/poll.ts'
const migration = 'migrations/sqlite/0023_polls.sql'

export const guards: readonly Guard[] = [
  {
    name: 'a result URL with a password is none',
    file: 'src/upstream/answers/wire.ts',
    search: 'return holdsCredentials(url) ? null : url.href',
    replacement: 'return url.href',
    tests: [poll],
  },
  {
    name: '"no such task" is believed the third time',
    file: pollTask,
    search: 'const missingMax = 3',
    replacement: 'const missingMax = 1',
    tests: [polls, simulation],
  },
  {
    name: '"no such task" counts in a row alone',
    file: pollTask,
    search: "const missingInRow = seen.kind === 'missing' ? task.missingInRow + 1 : 0",
    replacement: "const missingInRow = task.missingInRow + (seen.kind === 'missing' ? 1 : 0)",
    tests: [polls],
  },
  {
    name: 'a task is given up at its limit',
    file: pollTask,
    search: 'const atLimit = polledAt >= limitOf(ctx, task)',
    replacement: 'const atLimit = false',
    tests: [polls],
  },
  {
    name: 'a task is looked at a last time at its limit',
    file: pollTask,
    search: ': Math.min(nowMs + Math.max(afterMs, pauseMs), limitOf(ctx, task)),',
    replacement: ': nowMs + Math.max(afterMs, pauseMs),',
    tests: [looks, 'test/tasks/callbacks-pace.test.ts'],
  },
  {
    name: 'what counts for the limit is when the look began',
    file: pollTask,
    search: 'await recordObservation(ctx, task, { seen, polledAt, pauseMs })',
    replacement: 'await recordObservation(ctx, task, { seen, polledAt: ctx.clock.now(), pauseMs })',
    tests: [recording],
  },
  {
    name: 'a last look that an outage spoiled is repeated',
    file: pollTask,
    search: 'const lastPollsMax = 3',
    replacement: 'const lastPollsMax = 1',
    tests: [polls, simulation],
  },
  {
    name: 'a last look is not waited for without end',
    file: pollTask,
    search: '? await queryWithin(upstream, task, { clock: ctx.clock, timeoutMs: lastPollTimeoutMs, signal })',
    replacement: '? await query(upstream, task, signal)',
    tests: [looks],
  },
  {
    name: 'what is nested too deeply is not parsed',
    file: 'src/upstream/answers/json.ts',
    search: 'if (depth > depthMax || containers',
    replacement: 'if (containers',
    tests: ['test/upstream/wire.test.ts'],
  },
  {
    name: 'last looks are repeated soon',
    file: pollTask,
    search: '? nowMs + Math.min(spread(everyMs), lastPollEveryMs)',
    replacement: '? nowMs + 10 * everyMs',
    tests: [looks],
  },
  {
    name: 'a look is claimed by one',
    file: pollRows,
    search:
      "and(eq(polls.taskId, sql.placeholder('id')), eq(polls.dueAt, sql.placeholder('dueAt'))))\n      .returning",
    replacement: "eq(polls.taskId, sql.placeholder('id')))\n      .returning",
    tests: ['test/tasks/claims.test.ts'],
  },
  {
    name: 'a late poll moves no claim of another',
    file: pollRows,
    search:
      "lastLooks')}`,\n      })\n      .where(and(eq(polls.taskId, sql.placeholder('id')), eq(polls.dueAt, sql.placeholder('leaseEndsAt'))))",
    replacement: "lastLooks')}`,\n      })\n      .where(eq(polls.taskId, sql.placeholder('id')))",
    tests: ['test/tasks/late-holders.test.ts'],
  },
  {
    name: 'a 429 pauses the looks under its key',
    file: pollTask,
    search: 'if (upstream && pausedUntil > nowMs && nowMs < limitOf(ctx, task)) {',
    replacement: 'if (false) {',
    tests: [polls, simulation],
  },
  {
    name: 'a look that was torn down is no answer',
    file: pollTask,
    search: "if (signal.aborted && seen.kind === 'unclear') {",
    replacement: 'if (false) {',
    tests: [looks],
  },
  {
    name: 'a success without a URL does not count',
    file: reading,
    search: "if (found) return { kind: 'succeeded', result: found }",
    replacement:
      "return { kind: 'succeeded', result: found ?? { imageUrl: null, videoUrl: null, thumbnailUrl: null, width: null, height: null, durationSeconds: null } }",
    tests: [poll],
  },
  {
    name: 'an answer about another task decides nothing',
    file: reading,
    search:
      "if (namesAnother(task, asked.upstreamTaskId)) return unclear('an answer about another task', task, asked)",
    replacement: '',
    tests: [poll, simulation],
  },
  {
    name: 'an unknown word decides nothing',
    file: reading,
    search:
      "    default:\n      return { ...unclear('an unknown status', task, asked), isUnknownStatus: true }",
    replacement: "    default:\n      return { kind: 'failed', reason: 'It failed.', detail: '' }",
    tests: [poll, simulation],
  },
  {
    name: 'a word beside an error decides nothing',
    file: reading,
    search: 'const task = isSuccess(status) && envelope ?',
    replacement: 'const task = status > 0 && envelope ?',
    tests: [poll],
  },
  {
    name: 'a look has an end',
    file: 'src/upstream/client.ts',
    search: "() => watched.giveUpUnlessRead('timed_out', `no answer in ${call.timeoutMs} ms`),",
    replacement: '() => undefined,',
    tests: ['test/upstream/client.test.ts'],
  },
  {
    name: 'no more looks are under way than allowed',
    file: 'src/worker/poll-loop.ts',
    search: 'Math.min(inFlightMax - inFlight.size, room?.() ?? Infinity)',
    replacement: 'inFlightMax',
    tests: ['test/worker/poll-loop.test.ts'],
  },
  {
    name: 'a stop waits for what is under way',
    file: 'src/worker/poll-loop.ts',
    search: 'await Promise.all(inFlight)',
    replacement: '',
    tests: ['test/worker/poll-loop.test.ts'],
  },
  {
    name: 'a task that was accepted is polled',
    file: 'src/tasks/submit/accept.ts',
    search: 'if (isMoved) await insertPoll(',
    replacement: 'if (!isMoved) await insertPoll(',
    tests: ['test/tasks/poll-rows.test.ts'],
  },
  {
    name: 'work that a callback named is polled at once',
    file: 'src/tasks/callbacks/assign.ts',
    search: 'if (adopted) await insertPoll(tx, { taskId: task.id, dueAt: nowMs, ',
    replacement: 'if (!adopted) await insertPoll(tx, { taskId: task.id, dueAt: nowMs, ',
    tests: ['test/tasks/callbacks-adopt.test.ts'],
  },
  {
    name: 'a task whose file was no result is polled again',
    file: 'src/tasks/results/store-result.ts',
    search: 'if (moved) await insertPoll(',
    replacement: 'if (!moved) await insertPoll(',
    tests: ['test/media/no-result.long.test.ts'],
  },
  {
    name: 'a poll goes with the end of its task',
    file: migration,
    search: "WHEN OLD.`state` = 'running' AND NEW.`state` <> 'running'",
    replacement: "WHEN OLD.`state` = 'storing' AND NEW.`state` <> 'running'",
    tests: ['test/tasks/poll-rows.test.ts'],
  },
  {
    name: 'due times that a gateway of the version before writes are polls',
    file: migration,
    search: "WHEN NEW.`due_at` IS NOT NULL AND NEW.`state` = 'running'",
    replacement: "WHEN NEW.`due_at` IS NOT NULL AND NEW.`state` = 'queued'",
    tests: ['test/tasks/poll-rows.test.ts'],
  },
  {
    name: 'an upgrade takes the due times along',
    file: migration,
    search: "FROM `tasks`\nWHERE `due_at` IS NOT NULL AND `state` = 'running'",
    replacement: "FROM `tasks`\nWHERE `due_at` IS NULL AND `state` = 'running'",
    tests: ['test/db/upgrade.test.ts'],
  },
  {
    name: 'how often a task was polled is known after its end',
    file: 'src/tasks/settle.ts',
    search: 'pollsMade === undefined ? {} : { pollsMade }',
    replacement: '{}',
    tests: ['test/tasks/poll-rows.test.ts'],
  },
  {
    name: 'a late poll shortens no limit',
    file: pollRows,
    search: ".where(and(eq(tasks.id, sql.placeholder('id')), exists(claimed)))",
    replacement: ".where(eq(tasks.id, sql.placeholder('id')))",
    tests: ['test/tasks/poll-rows.test.ts'],
  },
]
