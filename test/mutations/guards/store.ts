// The store: what is acknowledged is on the disk, what failed is gone, and what is unknown is not claimed.
import type { Guard } from '../guard.ts'

const sqlite = 'test/db/sqlite.test.ts'
const transactions = 'test/db/conformance/transactions.test.ts'
const schema = 'test/db/schema.test.ts'
const lock = 'test/db/lock.test.ts'
const migrate = 'test/db/migrate.test.ts'
const recording = 'test/tasks/recording.test.ts'

const client = 'src/db/sqlite/client.ts'
const writer = 'src/db/sqlite/writer.ts'
const reader = 'src/db/sqlite/reader.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a start that cannot listen makes no store',
    file: 'src/app/place.ts',
    search: 'const port = await reservePort(config).catch(',
    replacement: 'await store.make()\n  const port = await reservePort(config).catch(',
    tests: ['test/flows/bind-first.test.ts'],
  },
  {
    name: 'a process that has ended is not named as the one that serves',
    file: 'src/db/sqlite/ownership/holder.ts',
    search: 'if (isHere && !isAlive(holder.pid)) return',
    replacement: 'if (holder.pid === 0) return',
    tests: ['test/flows/bind-first.test.ts'],
  },
  {
    name: 'commits wait for the disk',
    file: client,
    search: "client.pragma('synchronous = FULL')",
    replacement: "client.pragma('synchronous = NORMAL')",
    tests: [sqlite],
  },
  {
    name: 'references are kept whole',
    file: client,
    search: "client.pragma('foreign_keys = ON')",
    replacement: "client.pragma('foreign_keys = OFF')",
    tests: [sqlite, schema],
  },
  {
    name: 'an entry is not replaced behind the back of the triggers',
    file: client,
    search: "client.pragma('recursive_triggers = ON')",
    replacement: '',
    tests: [schema],
  },
  {
    name: 'the reader cannot write',
    file: 'src/db/sqlite/sqlite.ts',
    search: "readerClient.pragma('query_only = ON')",
    replacement: '',
    tests: [transactions],
  },
  {
    name: 'an audit sees one committed state',
    file: 'src/db/sqlite/sqlite.ts',
    search: "client.exec('BEGIN')",
    replacement: '',
    tests: [transactions],
  },
  {
    name: 'nobody is answered before the commit',
    file: writer,
    search: 'for (const { work } of works) values.push(await work(this.#tx))',
    replacement:
      'for (const { work, resolve } of works) {\n        values.push(await work(this.#tx))\n        resolve(values.at(-1))\n      }',
    tests: [sqlite],
  },
  {
    name: 'a work that throws leaves nothing',
    file: writer,
    search: 'if (this.#client.inTransaction) this.#sql.rollback.run()\n      return false',
    replacement: 'return this.#commit(works)',
    tests: [sqlite],
  },
  {
    name: 'a work that throws behind a savepoint leaves nothing',
    file: writer,
    search: 'this.#sql.undo.run()\n',
    replacement: '',
    tests: [sqlite],
  },
  {
    name: 'after a commit that failed nothing is claimed',
    file: writer,
    search: 'this.#fail(new CommitUnknown(error), works)\n          return false',
    replacement: 'this.#fail(new CommitUnknown(error), [])\n          return true',
    tests: [sqlite],
  },
  {
    name: 'a commit that failed is fatal',
    file: writer,
    search: 'this.#on.onFatal(error)',
    replacement: '',
    tests: [sqlite],
  },
  {
    name: 'after a commit that failed no work is taken',
    file: writer,
    search: 'this.#refusal = error\n',
    replacement: '',
    tests: [sqlite],
  },
  {
    name: 'what SQLite undid of its own accord is claimed by nobody',
    file: writer,
    search: 'if (!this.#client.inTransaction) return undone(works, outcomes, outcome)',
    replacement: '',
    tests: [sqlite],
  },
  {
    name: 'a closed store takes no work',
    file: writer,
    search: "this.#refusal ??= new StoreRefused('The store is closed.')",
    replacement: '',
    tests: [sqlite],
  },
  {
    name: 'a commit is seen by whoever was told of it',
    file: 'src/db/sqlite/sqlite.ts',
    search: 'onCommit: reader.refresh,',
    replacement: 'onCommit: () => undefined,',
    tests: [sqlite, 'test/accounts/keys.test.ts'],
  },
  {
    name: 'a look at the store has an age',
    file: reader,
    search: 'if (looking && now - lookedAt < lookMaxMs) return',
    replacement: 'if (looking) return',
    tests: [sqlite],
  },
  {
    name: 'an unconfirmed commit is told as unknown, never as "not charged"',
    file: 'src/http/wire/failure.ts',
    search: 'if (error instanceof CommitUnknown) return outcomeUnknown(error, words)',
    replacement: 'if (error instanceof CommitUnknown) return unavailable(error)',
    tests: ['test/http/envelope.test.ts'],
  },
  {
    name: 'an answer whose commit is unknown is not written down a second time',
    file: 'src/tasks/submit/persist.ts',
    search: 'if (error instanceof CommitUnknown) throw error',
    replacement: '',
    tests: [recording],
  },
  {
    name: 'an answer that a busy store did not take is written down later',
    file: 'src/tasks/submit/persist.ts',
    search: 'for (const pauseMs of pausesMs) {',
    replacement: 'for (const pauseMs of pausesMs.slice(4)) {',
    tests: [recording],
  },
  {
    name: 'one process serves a store',
    file: 'src/db/sqlite/ownership/lock.ts',
    search: "lock.exec('BEGIN EXCLUSIVE')",
    replacement: "lock.exec('BEGIN')",
    tests: [lock],
  },
  {
    name: 'a link to a store is the same store',
    file: 'src/db/sqlite/ownership/lock.ts',
    search: 'if (existsSync(file)) return realpathSync(file)',
    replacement: 'if (existsSync(file)) return file',
    tests: [lock],
  },
  {
    name: 'a store of a newer version is refused',
    file: 'src/db/sqlite/migrate.ts',
    search: "if (age === 'newer') throw new StoreRefused(newerStore(file))",
    replacement: '',
    tests: [migrate],
  },
  {
    name: 'an upgrade copies the store first',
    file: 'src/db/sqlite/migrate.ts',
    search: "const copy = age === 'older' ? copyBefore(client, file) : null",
    replacement: 'const copy = null',
    tests: [migrate],
  },
  {
    name: 'an upgrade switches references off while tables are rebuilt',
    file: 'src/db/sqlite/migrate.ts',
    search: "client.pragma('foreign_keys = OFF')",
    replacement: '',
    tests: [migrate],
  },
  {
    name: 'an upgrade that breaks references is refused',
    file: 'src/db/sqlite/migrate.ts',
    search: 'if (broken.length > 0) throw new Error(',
    replacement: 'if (broken.length < 0) throw new Error(',
    tests: [migrate],
  },
  {
    name: 'a damaged copy is not put in place of the store',
    file: 'src/db/sqlite/file/copy.ts',
    search: 'requireWhole(copy, source)\n',
    replacement: '',
    tests: ['test/cli/copies.test.ts'],
  },
  {
    name: 'statistics that a tool has left change no plan',
    file: 'src/db/sqlite/sqlite.ts',
    search: 'if (!dropStatistics(client)) return client',
    replacement: 'if (!dropStatistics(client) || client.open) return client',
    tests: ['test/db/statistics.test.ts'],
  },
  {
    name: 'polls come closer a part at a time',
    file: 'src/tasks/rescue/release-leases.ts',
    search: '.offset(pollsPerTurn - 1)',
    replacement: '.offset(pollsPerTurn * 100)',
    tests: ['test/tasks/takeover.test.ts'],
  },
  {
    name: 'taking away what is kept no longer has a share of the time',
    file: 'src/worker/forgetting.ts',
    search: 'more ? share.restMs() : idleMs',
    replacement: 'more ? 0 : idleMs',
    tests: ['test/worker/forgetting.test.ts'],
  },
  {
    name: 'work that failed has taken its share of the time too',
    file: 'src/worker/share.ts',
    search: 'restsUntil = ended + (ended - began) * (1 / share - 1)',
    replacement: 'restsUntil = ended',
    tests: ['test/worker/forgetting.test.ts'],
  },
]
