// The clock, the place of the store, a store that others hold, and the bound of a balance.
import type { Guard } from '../guard.ts'

const steady = 'test/time/steady.test.ts'
const ends = 'test/time/irreversible.test.ts'
const place = 'test/db/place.test.ts'
const busy = 'test/db/busy.test.ts'
const setBack = 'test/webhooks/set-back.test.ts'
const bounds = 'test/ledger/bounds.test.ts'
const reload = 'test/cli/reload.test.ts'
const environment = 'test/config/environment.test.ts'

const clock = 'src/time/steady.ts'
const writer = 'src/db/sqlite/writer.ts'
const lock = 'src/db/sqlite/ownership/lock.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a clock that jumps is not followed',
    file: clock,
    search: 'if (Math.abs(aheadMs) <= this.#allowanceMs) this.#follow(aheadMs)',
    replacement: 'if (Math.abs(aheadMs) >= 0) this.#follow(aheadMs)',
    tests: [steady, ends],
  },
  {
    name: 'a clock that jumped is believed only after it has gone evenly',
    file: clock,
    search: '} else if (monotonicMs - before.sinceMs >= settleMs) {',
    replacement: '} else if (monotonicMs - before.sinceMs >= 0) {',
    tests: [steady],
  },
  {
    name: 'a clock that keeps jumping is not one that goes evenly',
    file: clock,
    search: 'if (!before || Math.abs(seenMs - before.offsetMs) > stepToleratedMs) {',
    replacement: 'if (!before) {',
    tests: [steady],
  },
  {
    name: 'nothing ends while the clock is not believed',
    file: clock,
    search: 'return this.#suspicion === null && nowMs',
    replacement: 'return nowMs',
    tests: [steady],
  },
  {
    name: 'time that was set forward is lived through before anything ends',
    file: clock,
    search: '>= Math.min(this.#steppedByMs, longestMs)',
    replacement: '>= Math.min(0, longestMs)',
    tests: [steady, ends],
  },
  {
    name: 'time goes on from where the store has it',
    file: 'src/time/time.ts',
    search: 'if (row) time.recall(row)',
    replacement: 'if (row && time.now() < 0) time.recall(row)',
    tests: [ends],
  },
  {
    name: 'a running task is not given up by a clock that is not believed',
    file: 'src/tasks/poll/poll.ts',
    search: 'return ctx.time.mayEnd(longestMs) ? (task.giveUpAt ?? Infinity) : Infinity',
    replacement: 'return longestMs >= 0 ? (task.giveUpAt ?? Infinity) : Infinity',
    tests: [ends],
  },
  {
    name: 'keys are not forgotten by a clock that is not believed',
    file: 'src/tasks/create/idempotency.ts',
    search: 'time.mayEnd(keptForMs) ? clock.now() - keptForMs : -1',
    replacement: 'time.mayEnd(0) || clock.now() > 0 ? clock.now() - keptForMs : -1',
    tests: [ends],
  },
  {
    name: 'files are not removed by a clock that is not believed',
    file: 'src/tasks/results/expire.ts',
    search: 'if (!ctx.time.mayEnd(ctx.config.media.retentionMs)) return []',
    replacement: '',
    tests: [ends],
  },
  {
    name: 'work that is due further off than it may be is due now',
    file: 'src/tasks/rescue/rescue.ts',
    search: 'await bringBack(ctx, setBackMs), ',
    replacement: '',
    tests: [ends],
  },
  {
    name: 'a delivery that is due further off than it may be is due now',
    file: 'src/tasks/rescue/rescue.ts',
    search: ', await bringBackDeliveries(ctx, setBackMs)',
    replacement: '',
    tests: [setBack],
  },
  {
    name: 'a pause that a receiver asked for by a clock that was ahead ends',
    file: 'src/webhooks/queue/far-off.ts',
    search: '  await endPauses(ctx)\n',
    replacement: '',
    tests: [setBack],
  },
  {
    name: 'a commit into a store that was moved away is not confirmed',
    file: writer,
    search: 'if (words === null) return true\n    this.#fail(new StoreDisplaced(words), works)',
    replacement:
      'if (words === null || works.length > 0) return true\n    this.#fail(new StoreDisplaced(words), works)',
    tests: [place],
  },
  {
    name: 'a store is watched by its log too',
    file: 'src/db/sqlite/ownership/file-identity.ts',
    search: '[file, `${real}-wal`, `${real}-shm`]',
    replacement: '[file, real]',
    tests: [place],
  },
  {
    name: 'a hard link in another folder is the same store for the lock',
    file: lock,
    search: '[...held.values()].includes(identity) ||',
    replacement: '',
    tests: [place],
  },
  {
    name: 'a start finds what is left of a store',
    file: 'src/db/store-at.ts',
    search: 'if (left.length === 0) return\n',
    replacement: 'if (left.length >= 0) return\n',
    tests: [place],
  },
  {
    name: 'a store that another process holds is asked for again',
    file: writer,
    search: 'if (!isBusy(error)) throw error',
    replacement: 'throw error',
    tests: [busy],
  },
  {
    name: 'the writer waits for nobody synchronously',
    file: 'src/db/sqlite/sqlite.ts',
    search: 'stopWaiting(writerClient)',
    replacement: '',
    tests: [busy],
  },
  {
    name: 'a work does not wait for a store for ever',
    file: writer,
    search: 'waiting = waiting.filter((each) => this.#mayWait(each))',
    replacement: '',
    tests: [busy],
  },
  {
    name: 'a balance is bounded with what its open tasks were charged',
    file: 'src/ledger/store.ts',
    search: "+ ${accounts.creditsOpen} + ${sql.placeholder('amount')} + ${sql.placeholder('creditsOpen')} <=",
    replacement: "* 0 + ${sql.placeholder('amount')} * 0 + ${sql.placeholder('creditsOpen')} * 0 <=",
    tests: [bounds],
  },
  {
    name: 'the schema bounds a balance as well',
    file: 'migrations/sqlite/0007_clock_and_bounds.sql',
    search: ' AND "__new_accounts"."balance" + "__new_accounts"."credits_open" <= 1000000000000000',
    replacement: '',
    tests: [bounds],
  },
  {
    name: 'a database URL bears no parameters',
    file: 'src/config/environment/environment.ts',
    search: 'if (/[?#]/.test(path)) {',
    replacement: 'if (path === url) {',
    tests: [environment],
  },
  {
    name: 'quotes around a value are refused',
    file: 'src/config/environment/environment.ts',
    search: 'if (isQuoted(value)) problems.push',
    replacement: 'if (value === name) problems.push',
    tests: [environment],
  },
  {
    name: 'a file behind a link is looked at',
    file: 'src/cli/reload.ts',
    search: 'const looking = setInterval(look, lookEveryMs).unref()',
    replacement: 'const looking = undefined',
    tests: [reload],
  },
]
