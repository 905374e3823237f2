// The laws of who may import what, executed over every file.
import { expect, test } from 'vitest'
import * as imports from './tidy/imports.ts'
import { readTree, withoutComments } from './tidy/tree.ts'
import { onTrial } from './tidy/trial.ts'
import type { Trial } from './tidy/trial.ts'

const tree = readTree()

const quickly = (use: string) =>
  `import { createRequire } from 'node:module'\nconst load = createRequire(import.meta.url)\nexport const a = ${use}\n`

const trials: readonly Trial[] = [
  {
    promise: 'imports go down only',
    law: imports.importsGoDown,
    guilty: [
      ['src/ledger/a.ts', "import { b } from '../tasks/b.ts'\n"],
      ['src/ledger/a.ts', "import type { B } from '../accounts/b.ts'\n"],
      ['src/ledger/a.ts', "import {\n  b,\n  c,\n} from '../webhooks/b.ts'\n"],
      ['src/ledger/a.ts', "export { b } from '../http/b.ts'\n"],
      ['src/cli/a.ts', "const { b } = await import('../main.ts')\n"],
      ['src/worker/a.ts', "import '../http/b.ts'\n"],
      ['src/upstream/keevx/a.ts', "import { b } from '../../db/b.ts'\n"],
      ['src/ids.ts', "import { b } from './errors.ts'\n"],
      ['sandbox/a.ts', "import { b } from '../src/config/b.ts'\n"],
      ['src/catalog/a.ts', "import { b } from '../../sandbox/b.ts'\n"],
      ['src/net/a.ts', "import { b } from '../upstream/b.ts'\n"],
      ['src/billing/a.ts', "import { b } from '../errors.ts'\n"],
      ['src/http/a.ts', "import { b } from '../../test/support/b.ts'\n"],
      ['src/http/a.ts', "import { b } from '../billing/b.ts'\n"],
    ],
    innocent: [
      ['src/tasks/a.ts', "import { b } from '../ledger/b.ts'\nimport { c } from './c.ts'\n"],
      ['src/webhooks/a.ts', "import { b } from '../net/b.ts'\n"],
      ['src/http/v1/a.ts', "import { b } from '../route.ts'\nimport { c } from '../../errors.ts'\n"],
      ['src/ledger/a.ts', "// Once: import { b } from '../tasks/b.ts'\nexport const a = 1\n"],
      ['src/version.ts', "import manifest from '../package.json' with { type: 'json' }\n"],
      ['sandbox/draw/a.ts', "import { b } from '../../src/clock.ts'\n"],
      ['test/a.test.ts', "import { b } from '../src/tasks/b.ts'\n"],
    ],
  },
  {
    promise: 'no room but db names a dialect, its files or its error codes',
    law: imports.dialectsStayInside,
    guilty: [
      ['src/cli/a.ts', "import { lookAt } from '../db/sqlite/file/look.ts'\n"],
      ['src/http/a.ts', "if (code.startsWith('SQLITE_')) throw error\n"],
      ['src/media/a.ts', 'sql`SELECT 1 FROM sqlite_schema`\n'],
      ['src/tasks/a.ts', 'await tx.rows(sql`SELECT pg_advisory_xact_lock(1)`)\n'],
    ],
    innocent: [
      ['src/db/a.ts', "import { openSqlite } from './sqlite/sqlite.ts'\n"],
      ['src/cli/a.ts', "import { storeAt } from '../db/store-at.ts'\n"],
      ['src/tasks/a.ts', '// It costs five times as much in SQLite.\n'],
    ],
  },
  {
    promise: 'tests know no dialect and open no file of a store, but for those of the embedded store',
    law: imports.testsKnowNoDialect,
    guilty: [
      ['test/http/a.test.ts', "import Sqlite from 'better-sqlite3'\n"],
      ['test/support/a.ts', "import type { Database } from 'better-sqlite3'\n"],
      ['test/cli/a.test.ts', "import { sqliteTable } from 'drizzle-orm/sqlite-core'\n"],
      ['test/cli/a.test.ts', "const { Client } = await import('pg')\n"],
      ['test/tasks/a.test.ts', "import { openSqlite } from '../../src/db/sqlite/sqlite.ts'\n"],
      ['test/tasks/a.test.ts', "import { firstStore } from '../db/versions.ts'\n"],
      ['test/tasks/deep/a.test.ts', "import { fileOf } from '../../support/stores/sqlite-file.ts'\n"],
      ['test/tasks/a.test.ts', "throw Object.assign(new Error('busy'), { code: 'SQLITE_BUSY' })\n"],
      ['test/ledger/a.test.ts', "await store.write('PRAGMA foreign_keys = OFF')\n"],
    ],
    innocent: [
      ['test/db/a.test.ts', "import Sqlite from 'better-sqlite3'\n"],
      ['test/bench/a.ts', "import Sqlite from 'better-sqlite3'\n"],
      [
        'test/support/stores/a.ts',
        "import Sqlite from 'better-sqlite3'\nimport { b } from './sqlite-file.ts'\n",
      ],
      ['test/faults/bits.test.ts', "import { readFile } from '../support/stores/sqlite-file.ts'\n"],
      ['test/http/a.test.ts', "import type { TestStore } from '../support/stores/dialect.ts'\n"],
      ['test/http/a.test.ts', "import { openTestStore } from '../support/test-store.ts'\n"],
      [
        'test/tasks/a.test.ts',
        "import { eq } from '../../src/db/drizzle.ts'\nimport { sql } from 'drizzle-orm'\n",
      ],
    ],
  },
  {
    promise: 'no file imports itself through others, types included',
    law: imports.noCircles,
    guilty: [
      ['src/tasks/a.ts', "import { a } from './a.ts'\n"],
      ['src/tasks/a.ts', "import type { A } from '../tasks/a.ts'\n"],
    ],
    innocent: [
      ['src/tasks/a.ts', "import type { B } from './b.ts'\n"],
      ['src/tasks/b.ts', "import { c } from './c.ts'\n"],
    ],
  },
  {
    promise: "a room's rows are imported from inside it alone",
    law: imports.storesStayInside,
    guilty: [['src/tasks/a.ts', "import { b } from '../ledger/store.ts'\n"]],
    innocent: [
      ['src/ledger/a.ts', "import { b } from './store.ts'\n"],
      ['src/ledger/deep/a.ts', "import { b } from '../store.ts'\n"],
    ],
  },
  {
    promise: 'a library is touched by its own room alone',
    law: imports.librariesHaveRooms,
    guilty: [
      ['src/webhooks/a.ts', "import { request } from 'undici'\n"],
      ['src/webhooks/a.ts', "import Client from 'undici/lib/client.js'\n"],
      ['src/upstream/a.ts', "import { request } from 'undici'\n"],
      ['src/upstream/client.ts', "import { connect } from 'node:net'\n"],
      ['src/media/a.ts', "import { request } from 'node:https'\n"],
      ['src/media/a.ts', "import { get } from 'http'\n"],
      ['src/media/a.ts', "const { connect } = await import('node:net')\n"],
      ['src/http/a.ts', "import { connect } from 'node:tls'\n"],
      ['src/http/a.ts', "import { lookup } from 'node:dns/promises'\n"],
      ['src/cli/a.ts', "import { createServer } from 'node:net'\n"],
      ['src/cli/a.ts', "import { execFile } from 'node:child_process'\n"],
      ['src/tasks/a.ts', "import Sqlite from 'better-sqlite3'\n"],
      ['src/tasks/a.ts', "import { text } from 'drizzle-orm/sqlite-core'\n"],
      ['src/tasks/a.ts', "import type { FastifyRequest } from 'fastify'\n"],
      ['src/http/a.ts', "import { Command } from 'commander'\n"],
    ],
    innocent: [
      ['src/upstream/client.ts', "import { request } from 'undici'\n"],
      ['src/net/a.ts', "import { Client } from 'undici'\nimport tls from 'node:tls'\n"],
      ['src/http/a.ts', "import { STATUS_CODES } from 'node:http'\n"],
      ['src/tasks/a.ts', "import { eq } from 'drizzle-orm'\n"],
      ['src/cli/test-upstream.ts', "import { fork } from 'node:child_process'\n"],
      ['src/http/a.ts', "import helmet from '@fastify/helmet'\n"],
    ],
  },
  {
    promise: 'every import says what it imports',
    law: imports.importsCanBeRead,
    guilty: [
      ['src/cli/a.ts', 'await import(`./${name}.ts`)\n'],
      ['src/cli/a.ts', "import { createRequire } from 'node:module'\n"],
      ['src/http/a.ts', "const { request } = await import('node:http')\n"],
      ['src/cli/a.ts', "process.getBuiltinModule('node:http')\n"],
      ['src/cli/drizzle.ts', quickly("load('drizzle-orm')")],
      ['src/db/drizzle.ts', quickly("load('node:http')")],
      ['src/db/drizzle.ts', quickly("load('drizzle-orm/../undici')")],
      ['src/db/drizzle.ts', quickly("[load].map((f) => f('node:http'))")],
    ],
    innocent: [
      ['src/cli/a.ts', "await import('./serve.ts')\n"],
      ['src/db/drizzle.ts', quickly("load('drizzle-orm/sqlite-core')")],
    ],
  },
  {
    promise: 'no file only hands on what others own',
    law: imports.noBarrels,
    guilty: [
      ['src/tasks/index.ts', 'export const a = 1\n'],
      ['src/tasks/all.ts', "// Everything.\nexport * from './a.ts'\nexport {\n  b,\n} from './b.ts'\n"],
    ],
    innocent: [['src/tasks/a.ts', "export { b } from './b.ts'\nexport const a = 1\n"]],
  },
]

onTrial(trials)

test('every law is on trial', () => {
  const tried: unknown[] = trials.map(({ law }) => law)
  const notLaws: unknown[] = [imports.specifiersOf, imports.internalImports, imports.embeddedTests]
  expect(Object.values(imports).filter((law) => !notLaws.includes(law) && !tried.includes(law))).toEqual([])
})

test('test/README.md lists the tests of the embedded store, and each of them needs its place there', () => {
  const textOf = (path: string) => tree.find((file) => file.path === path)?.text ?? ''
  const [, section = ''] = textOf('test/README.md').split('## Tests of the embedded store')
  const listed = [...section.matchAll(/`([\w/.-]+\.ts)`/g)].map(([, path]) => `test/${path}`)
  expect(listed.toSorted()).toEqual(imports.embeddedTests.toSorted())
  for (const path of listed)
    expect(
      imports.testsKnowNoDialect([
        { path: `test/other/${path.split('/').slice(2).join('/')}`, text: textOf(path) },
      ]),
      path,
    ).toHaveLength(1)
})

test('the tree is the whole repository, and every import statement in it is read', () => {
  const files = tree.filter(({ path }) => path.startsWith('src/') && path.endsWith('.ts'))
  expect(files.length).toBeGreaterThan(100)
  expect(tree.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['package-lock.json', '.npmrc', 'migrations/sqlite/0000_first.sql']),
  )
  for (const { path, text } of files) {
    const begun = withoutComments(text).match(
      /^import\b|\bimport\(|^export (?:\*|\{|type \{)[^;=]*?\bfrom\b/gm,
    )
    expect(imports.specifiersOf(text), path).toHaveLength(begun?.length ?? 0)
  }
})
