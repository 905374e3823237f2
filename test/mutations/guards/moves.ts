// migrate-store: every row arrives, guards stay, nobody else writes, and never may both stores be served.
import type { Guard } from '../guard.ts'

const moved = 'test/db/move/move.test.ts'
const refused = 'test/db/move/refused.test.ts'

const checks = 'src/app/move/checks.ts'
const move = 'src/app/move/move-store.ts'
const sqlite = 'src/db/move/sqlite.ts'
const postgres = 'src/db/move/postgres.ts'

export const guards: readonly Guard[] = [
  {
    name: 'nothing is moved into a store that is served',
    file: move,
    search: 'await owned.take(to)',
    replacement: 'void to',
    tests: [refused],
  },
  {
    name: 'a store whose ledger is wrong is not moved',
    file: move,
    search: 'await requireSound(from)',
    replacement: 'void requireSound',
    tests: [refused],
  },
  {
    name: 'a damaged store is not moved',
    file: checks,
    search: 'if (damage.length === 0) return',
    replacement: "if (schema === 'current') return",
    tests: [refused],
  },
  {
    name: 'nothing is moved over rows of others',
    file: move,
    search: 'await requireEmpty(to, target)',
    replacement: 'void requireEmpty',
    tests: [refused],
  },
  {
    name: 'two stores are not moved into one',
    file: checks,
    search: 'if (target && target.from !== from.name) {',
    replacement: "if (target && target.from === '') {",
    tests: [refused],
  },
  {
    name: 'a move that goes on begins behind the last row',
    file: move,
    search: 'if (last?.table === shape.name) slices.after = last.key',
    replacement: 'void last',
    tests: [refused],
  },
  {
    name: 'every value of every row is compared',
    file: move,
    search: 'if (!isSame(wanted[at], arrived[at])) throw',
    replacement: 'if (arrived[at] === undefined) throw',
    tests: [refused],
  },
  {
    name: 'a row more is found',
    file: move,
    search: 'at < Math.max(wanted.length, arrived.length)',
    replacement: 'at < wanted.length',
    tests: [refused],
  },
  {
    name: 'a target without its guards is not handed over',
    file: checks,
    search: "if (schema !== 'current' || damage.length > 0) {",
    replacement: "if (schema !== 'current') {",
    tests: [refused],
  },
  {
    name: 'the source is marked as moved',
    file: move,
    search: 'if (!isHandedOver) await this.#handOver(mark)',
    replacement: 'void isHandedOver',
    tests: [moved],
  },
  {
    name: 'a marked SQLite store is not opened',
    file: 'src/db/sqlite/sqlite.ts',
    search: 'requireUnmarked(file, markIn(client))',
    replacement: 'void [requireUnmarked, markIn]',
    tests: [moved],
  },
  {
    name: 'a marked PostgreSQL store is not opened',
    file: 'src/db/postgres/migrate.ts',
    search: 'requireUnmarked(name, await markOn(link))',
    replacement: 'void [requireUnmarked, markOn]',
    tests: [moved],
  },
  {
    name: 'numbers of entries go on behind the last',
    file: move,
    search: 'await target.settleNumbers(tableShapes())',
    replacement: 'void target',
    tests: [moved],
  },
  {
    name: 'rows that are copied are not counted again in SQLite',
    file: sqlite,
    search: 'withoutTriggers(client, shape.name, () => insert(client, shape, rows))',
    replacement: 'void withoutTriggers, insert(client, shape, rows)',
    tests: [moved],
  },
  {
    name: 'rows that are copied are not counted again in PostgreSQL',
    file: postgres,
    search: 'DISABLE TRIGGER USER',
    replacement: 'ENABLE TRIGGER USER',
    tests: [moved],
  },
  {
    name: 'triggers of SQLite are back when rows are written',
    file: sqlite,
    search: 'for (const { sql } of triggers) client.exec(sql)',
    replacement: 'void triggers',
    tests: [moved],
  },
  {
    name: 'nobody else writes to a SQLite file that is moved',
    file: sqlite,
    search: "client.exec('BEGIN IMMEDIATE')\n    return client",
    replacement: "client.exec('BEGIN')\n    return client",
    tests: [refused],
  },
  {
    name: 'nobody else writes to a PostgreSQL database that is moved',
    file: postgres,
    search: 'SELECT pg_advisory_lock(${lockSpace}, ${writerLock})',
    replacement: 'SELECT ${lockSpace}, ${writerLock}',
    tests: [refused],
  },
  {
    name: 'rows of PostgreSQL are sorted by their keys, not by their texts',
    file: postgres,
    search: '`t.${quoted(name)}`).join',
    replacement: '`t.${quoted(name)}::text`).join',
    tests: [moved],
  },
  {
    name: 'two keys never become one',
    file: move,
    search: 'if (replaced > 0 && !isSame(',
    replacement: 'if (replaced < 0 && !isSame(',
    tests: [refused],
  },
  {
    name: 'bytes that are no text are not moved as another text',
    file: sqlite,
    search: '    requireReadable(client, shape, row)',
    replacement: '    void requireReadable',
    tests: [refused],
  },
]
