// The laws of the house, executed over every file; each is first shown a file that breaks it.
import { describe, expect, test } from 'vitest'

import * as imports from './tidy/imports.ts'
import * as repository from './tidy/repository.ts'
import * as sources from './tidy/sources.ts'
import { type Law, readTree, withoutComments } from './tidy/tree.ts'

const tree = readTree()

/** Each guilty file is caught alone; the innocent ones look alike and are not. */
interface Trial {
  readonly promise: string
  readonly law: Law
  readonly guilty: readonly (readonly [path: string, text: string])[]
  readonly innocent: readonly (readonly [path: string, text: string])[]
}

const somebodysFolder = ['', 'home', 'ann', 'tollgate'].join('/')
const quickly = (use: string) =>
  `import { createRequire } from 'node:module'\nconst load = createRequire(import.meta.url)\nexport const a = ${use}\n`
const registryUrl = ['https://registry', 'example', 'org'].join('.')

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
  {
    promise: 'the environment is read in src/config alone',
    law: sources.environmentIsRead,
    guilty: [
      ['src/log.ts', 'const level = process.env.LOG_LEVEL\n'],
      ['src/log.ts', "const level = process['env'].LOG_LEVEL\n"],
      ['src/log.ts', "import { env } from 'node:process'\n"],
    ],
    innocent: [
      ['src/config/a.ts', 'const { env } = process\nconst port = process.env.PORT\n'],
      ['src/log.ts', '// process.env is not for this file.\nprocess.exitCode = 1\n'],
    ],
  },
  {
    promise: 'statuses of our own answers stand in src/http alone',
    law: sources.statusesAreAnswered,
    guilty: [
      ['src/tasks/a.ts', 'return reply.code(404).send(body)\n'],
      ['src/tasks/a.ts', 'return { status: 404, body }\n'],
      ['src/webhooks/a.ts', 'error.statusCode = 503\n'],
    ],
    innocent: [
      ['src/http/a.ts', 'return await reply.code(404).send(body)\n'],
      ['sandbox/a.ts', 'return { status: 401, body }\n'],
      ['src/webhooks/a.ts', 'if (response.status === 410) return gone\n'],
    ],
  },
  {
    promise: 'queries run on both dialects',
    law: sources.queriesRunOnBothDialects,
    guilty: [
      ['src/tasks/a.ts', 'const rows = tx.select().from(tasks).all()\n'],
      ['src/tasks/a.ts', 'tx.insert(tasks).values(row)\n  .run()\n'],
    ],
    innocent: [
      ['src/tasks/a.ts', "const rows = await tx.select().from(tasks)\nconst one = map.get('a')\n"],
      ['src/db/sqlite/sqlite.ts', 'this.#sql.begin.run()\n'],
    ],
  },
  {
    promise: 'what has arrived is read before a time limit counts',
    law: sources.timersReadFirst,
    guilty: [['src/media/a.ts', 'const signal = AbortSignal.timeout(waitMs)\n']],
    innocent: [
      ['src/media/a.ts', 'const signal = timeoutSignal(waitMs)\nconst gone = AbortSignal.abort()\n'],
      ['src/net/deadline.ts', 'const over = AbortSignal.timeout(ms)\n'],
    ],
  },
  {
    promise: 'no file has more than 300 lines',
    law: sources.filesAreShort,
    guilty: [['src/tasks/a.ts', '// A line.\n'.repeat(301)]],
    innocent: [
      ['src/tasks/a.ts', '// A line.\n'.repeat(300)],
      ['docs/long.md', 'A line.\n'.repeat(301)],
    ],
  },
  {
    promise: 'every file begins with one sentence that says what it is for',
    law: sources.filesSayWhatTheyAreFor,
    guilty: [
      ['src/a.ts', "import { b } from './b.ts'\n"],
      ['src/a.ts', '// No end of the sentence\nexport const a = 1\n'],
      ['src/a.ts', '// Two.\n// Lines.\nexport const a = 1\n'],
      ['test/a.test.ts', "import { test } from 'vitest'\n"],
    ],
    innocent: [['src/a.ts', '// What it is for.\nexport const a = 1\n']],
  },
  {
    promise: 'names say something',
    law: sources.namesSaySomething,
    guilty: [
      ['src/tasks/utils.ts', ''],
      ['src/common/a.ts', ''],
      ['test/support/test-helpers.ts', ''],
      ['src/tasks/a.ts', 'export class TaskManager {}\n'],
      ['src/tasks/a.ts', 'export const taskInfo = 1\n'],
      ['src/tasks/a.ts', 'export async function handler() {}\n'],
    ],
    innocent: [
      ['src/tasks/submit/outcome.ts', 'export const informed = 1\nconst data = await read()\n'],
      ['src/db/database.ts', 'export interface Database {}\n'],
    ],
  },
  {
    promise: 'every table of SQLite is strict',
    law: repository.tablesAreStrict,
    guilty: [
      ['migrations/sqlite/1.sql', 'CREATE TABLE `a` (\n`id` text CHECK (`id` <> "STRICT")\n);\n'],
      ['migrations/sqlite/1.sql', 'CREATE TABLE `a` (`id` text) STRICT;\nCREATE TABLE `b` (`id` text)'],
    ],
    innocent: [
      ['migrations/sqlite/1.sql', 'CREATE TABLE `a` (\n`id` text\n) STRICT;\n--> statement-breakpoint\n'],
      ['migrations/postgres/1.sql', 'CREATE TABLE "a" ("id" text);\n'],
    ],
  },
  {
    promise: 'no host of a package registry is named',
    law: repository.noRegistryIsNamed,
    guilty: [
      ['.npmrc', `registry=${registryUrl}\n`],
      ['docs/a.md', `See ${registryUrl}/a.tgz\n`],
    ],
    innocent: [['.npmrc', 'omit-lockfile-registry-resolved=true\n']],
  },
  {
    promise: "no folder of anybody's machine is named",
    law: repository.noMachineIsNamed,
    guilty: [
      ['docs/a.md', `cd ${somebodysFolder}\n`],
      ['scripts/a.ts', `const at = '${somebodysFolder}'\n`],
    ],
    innocent: [['docs/a.md', 'Keep it in /etc/tollgate or /var/lib/tollgate; see /docs/reference.\n']],
  },
  {
    promise: 'every dependency is one exact version',
    law: repository.versionsAreExact,
    guilty: [
      ['package.json', '{"dependencies":{"a":"^1.0.0"}}'],
      ['package.json', '{"devDependencies":{"a":"latest"}}'],
    ],
    innocent: [['package.json', '{"dependencies":{"a":"1.0.0","b":"2.0.0-rc.1"}}']],
  },
  {
    promise: 'the lock is whole: it knows every package by its content and names no hosts',
    law: repository.lockIsWhole,
    guilty: [
      ['package-lock.json', `{"packages":{"node_modules/a":{"resolved":"${registryUrl}","integrity":"b"}}}`],
      ['package-lock.json', '{"packages":{"node_modules/a":{"version":"1.0.0"}}}'],
      [
        'package-lock.json',
        '{"packages":{"node_modules/a":{"integrity":"b","optionalDependencies":{"a-win32":"1.0.0"}}}}',
      ],
    ],
    innocent: [['package-lock.json', '{"packages":{"":{},"node_modules/a":{"integrity":"b"}}}']],
  },
]

describe.each(trials)('$promise', ({ law, guilty, innocent }) => {
  test.each(guilty)('which %s breaks with %j', (path, text) => {
    expect(law([{ path, text }])).toHaveLength(1)
  })

  test('which catches nobody for looks', () => {
    expect(law(innocent.map(([path, text]) => ({ path, text })))).toEqual([])
  })

  test('in this repository', () => {
    expect(law(tree)).toEqual([])
  })
})

test('every law is on trial', () => {
  const laws = [imports, sources, repository].flatMap((room) => Object.values(room))
  const tried: unknown[] = trials.map(({ law }) => law)
  expect(
    laws.filter(
      (law) => law !== imports.specifiersOf && law !== imports.internalImports && !tried.includes(law),
    ),
  ).toEqual([])
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
