// PostgreSQL: nothing is claimed that is not known, one process serves a store, and values are what they are.
import type { Guard } from '../guard.ts'

const wire = 'test/db/postgres/wire.test.ts'
const served = 'test/db/postgres/served.test.ts'
const place = 'test/db/postgres/place.test.ts'
const schema = 'test/db/postgres/schema.test.ts'
const values = 'test/db/conformance/values.test.ts'
const transactions = 'test/db/conformance/transactions.test.ts'

const link = 'src/db/postgres/link/link.ts'
const kept = 'src/db/postgres/transactions.ts'
const writer = 'src/db/postgres/writer.ts'
const first = 'migrations/postgres/0000_first.sql'
const statements = 'migrations/postgres/0005_guards_of_statements.sql'
const joined = 'test/db/conformance/joined.test.ts'
const gathered = 'test/db/conformance/gather.test.ts'

const queue = 'test/db/conformance/queue.test.ts'
const pooler = 'test/db/postgres/pooler.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a gateway that waited for the schema sees the store that another has made meanwhile',
    file: 'src/db/postgres/link/tables.ts',
    search: 'await link.ask<{ found: boolean }>(`SELECT ${isTable} AS found`, [name])',
    replacement: 'await link.ask<{ found: boolean }>(`SELECT to_regclass($1) IS NOT NULL AS found`, [name])',
    tests: [schema],
  },
  {
    name: 'orders that leave the queue together are all counted',
    file: statements,
    search: 'SET "waiting" = f."waiting" - "gone"."orders"',
    replacement: 'SET "waiting" = f."waiting" - 1',
    tests: [queue],
  },
  {
    name: 'orders that leave the queue together move its time on',
    file: statements,
    search: '"virtual_time" = greatest(q."virtual_time", "gone"."last_tag")',
    replacement: '"virtual_time" = q."virtual_time"',
    tests: [queue],
  },
  {
    name: 'an account pays for its last order of those that leave together',
    file: statements,
    search: '"finish_tag" = greatest(f."finish_tag", "gone"."new_tag" + f."stride"),',
    replacement: '"finish_tag" = f."finish_tag",',
    tests: [queue],
  },
  {
    name: 'an answer with a value that cannot be read is an error, however often it was asked',
    file: 'src/db/postgres/link/prepared.ts',
    search: 'if (this.#unreadable) this.callback',
    replacement: 'if (this.#unreadable && this.#rows.length > 0) this.callback',
    tests: ['test/db/postgres/driver-internals.test.ts'],
  },
  {
    name: 'a commit that the server never heard of is not acknowledged',
    file: kept,
    search: 'if (last?.turn !== this.#turn) {',
    replacement: 'if (last?.turn === 0) {',
    tests: [wire],
  },
  {
    name: 'a commit that was kept is not made again',
    file: kept,
    search: 'if (last?.turn !== this.#turn) {',
    replacement: 'if (last?.turn !== 0) {',
    tests: [wire],
  },
  {
    name: 'a commit that stays unknown is not told as a failure',
    file: writer,
    search: '{ tooLong: () => new CommitUnknown(cause) }',
    replacement: '{ tooLong: () => new StoreAway(cause) }',
    tests: [wire],
  },
  {
    name: 'a work that went on after a refused statement takes none beside it along',
    file: writer,
    search: 'if (hasCode(ending.error, codes.transactionAborted)) {',
    replacement: 'if (false) {',
    tests: [wire],
  },
  {
    name: 'works wait for the process that holds the store',
    file: kept,
    search: 'BEGIN ISOLATION LEVEL READ COMMITTED; ${takeInTransaction(writerLock)}',
    replacement: 'BEGIN ISOLATION LEVEL READ COMMITTED; SELECT ${writerLock}, ${takeInTransaction.name}',
    tests: [wire, 'test/db/conformance/test-store.test.ts'],
  },
  {
    name: 'what reads cannot write',
    file: link,
    search: "default_transaction_read_only: readOnly ? 'on' : 'off'",
    replacement: "default_transaction_read_only: 'off'",
    tests: [transactions],
  },
  {
    name: 'a commit is durable whatever the database says',
    file: link,
    search: "CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'",
    replacement: "CASE current_setting('synchronous_commit') WHEN 'off' THEN 'off'",
    tests: [place],
  },
  {
    name: 'a database that lacks characters is refused',
    file: link,
    search: "if (encoding !== 'UTF8') {",
    replacement: "if (encoding === '') {",
    tests: [place],
  },
  {
    name: 'two updates of one row are not joined',
    file: 'src/db/postgres/joined/join.ts',
    search: '(rowOf === null || !rows.has(row))',
    replacement: '(rowOf === null || rows !== undefined)',
    tests: [joined],
  },
  {
    name: 'rows that are inserted together keep the order of their calls',
    file: 'src/db/postgres/joined/each.ts',
    search: '} FROM ${source} ORDER BY items.item_number`',
    replacement: '} FROM ${source} ORDER BY items.item_number DESC`',
    tests: [joined],
  },
  {
    name: 'of items that fail together one fails alone',
    file: 'src/db/gather.ts',
    search: 'if (waiting.length > 1 && isOwn',
    replacement: 'if (waiting.length < 1 && isOwn',
    tests: [gathered],
  },
  {
    name: 'a work that is gathered has an item when the writer sees it',
    file: 'src/db/gather.ts',
    search: 'const batch: Batch = { waiting: [first], openedAt: now }',
    replacement:
      'const batch: Batch = { waiting: [], openedAt: now }\n  queueMicrotask(() => batch.waiting.push(first))',
    tests: [gathered],
  },
  {
    name: 'an error of the store is not tried again item by item',
    file: 'src/db/gather.ts',
    search: ' && isOwn && mayBeOfOne)',
    replacement: ')',
    tests: [gathered],
  },
  {
    name: 'items of one request do not run side by side',
    file: 'src/db/gather.ts',
    search: 'const wave = seen.get(name) ?? 0',
    replacement: 'const wave = 0',
    tests: [gathered],
  },
  {
    name: 'the character 0 stops no statement',
    file: 'src/db/postgres/link/values.ts',
    search: "value.includes('\\0') ?",
    replacement: "value === '\\0' ?",
    tests: [values],
  },
  {
    name: 'infinity stops no statement',
    file: 'src/db/postgres/link/values.ts',
    search: 'if (value === Infinity) return lastNumber',
    replacement: '',
    tests: [values],
  },
  {
    name: 'a number that does not count exactly is not read',
    file: 'src/db/postgres/link/values.ts',
    search: 'if (Number.isSafeInteger(value)) return value',
    replacement: 'if (Number.isFinite(value)) return value',
    tests: [place],
  },
  {
    name: 'a store is served by one process',
    file: 'src/db/postgres/ownership.ts',
    search: 'if (lock?.taken && (instance === null',
    replacement: 'if (lock && (instance === null',
    tests: ['test/db/conformance/store.test.ts'],
  },
  {
    name: 'a lock whose connection the network forgot is had again',
    file: 'src/db/postgres/ownership.ts',
    search: '    if (before) await endBackend(link, before)\n',
    replacement: '',
    tests: ['test/db/postgres/served.test.ts'],
  },
  {
    name: 'works behind a transaction without an answer are told',
    file: 'src/db/postgres/writer.ts',
    search: '    const timer = setInterval(refuseLate, ',
    replacement: '    const timer = setInterval(() => void refuseLate, ',
    tests: ['test/db/postgres/wire.test.ts'],
  },
  {
    name: 'a refusal is understood in any language',
    file: 'src/db/postgres/error-codes.ts',
    search: ': !ending.test(error.code))',
    replacement: ': false)',
    tests: ['test/db/postgres/language.test.ts'],
  },
  {
    name: 'a warning is understood in any language',
    file: 'src/db/postgres/link/link.ts',
    search: 'if (code !== noticeCode)',
    replacement: "if (code === 'WARNING')",
    tests: ['test/db/postgres/language.test.ts'],
  },
  {
    name: 'whoever watches is told that the store hangs',
    file: 'src/db/remembered.ts',
    search: '    const timer = setTimeout(late, waitMaxMs)\n',
    replacement: '    const timer = setTimeout(() => void late, waitMaxMs)\n',
    tests: ['test/db/remembered.test.ts'],
  },
  {
    name: 'a gateway that has lost its lock writes nothing',
    file: 'src/db/postgres/ownership.ts',
    search: '    lost.add(wanted.place.url)\n',
    replacement: '',
    tests: [served],
  },
  {
    name: 'a password is in no name',
    file: 'src/db/postgres/store.ts',
    search: "return `${host === '' ?",
    replacement: "return `${new URL(databaseUrl).password}${host === '' ?",
    tests: [place],
  },
  {
    name: 'tables of another program are left alone',
    file: 'src/db/postgres/migrate.ts',
    search: "if (age === 'none' && (await holdsTables(link))) {",
    replacement: "if (age === 'newer') {",
    tests: [schema],
  },
  {
    name: 'one process makes the schema',
    file: 'src/db/postgres/migrate.ts',
    search: '`BEGIN; ${takeInTransaction(schemaLock)}`',
    replacement: "'BEGIN'",
    tests: [schema],
  },
  {
    name: 'entries are not emptied all at once',
    file: first,
    search: 'CREATE TRIGGER "entries_are_never_truncated" BEFORE TRUNCATE ON "entries" FOR EACH STATEMENT',
    replacement: 'CREATE TRIGGER "entries_are_never_truncated" BEFORE TRUNCATE ON "media" FOR EACH STATEMENT',
    tests: [schema],
  },
  {
    name: 'a twin that is refused waits for the one before it',
    file: 'src/tasks/create/create.ts',
    search: '      await place.before\n',
    replacement: '',
    tests: ['test/tasks/same-key.test.ts'],
  },
  {
    name: 'a pooler that shares connections between transactions is refused at the start',
    file: 'src/db/postgres/place.ts',
    search: 'if (await sharesBackends(url, briefly)) throw pooled(name)',
    replacement: 'await sharesBackends(url, briefly)',
    tests: [pooler],
  },
  {
    name: 'it is refused before the lock of the gateway is taken through it',
    file: 'src/db/postgres/store.ts',
    search: '        await asked(requireOwnBackends(place))\n',
    replacement: '',
    tests: [pooler],
  },
  {
    name: 'a pooler that deals connections out in turns is found out too',
    file: 'src/db/postgres/link/pooler.ts',
    search: 'new Set(seen).size > 1)',
    replacement: 'new Set(seen).size > 9)',
    tests: [pooler],
  },
  {
    name: 'a row that a foreign session holds delays the orders of others once, not with each order for it',
    file: writer,
    search: 'begin(this.#isLockHeld ? heldLockMs : null)',
    replacement: 'begin(null)',
    tests: ['test/db/postgres/held-row.test.ts'],
  },
  {
    name: 'a process that stood still drops no connection whose answer it has not read',
    file: 'src/db/postgres/link/connect-in-time.ts',
    search: 'const slices = 10',
    replacement: 'const slices = 1',
    tests: ['test/db/postgres/wire.test.ts'],
  },
]
