// The laws of the house, executed over every file; each is first shown a file that breaks it.
import { expect, test } from 'vitest'

import * as repository from './tidy/repository.ts'
import * as sources from './tidy/sources.ts'
import { onTrial } from './tidy/trial.ts'
import type { Trial } from './tidy/trial.ts'

const somebodysFolder = ['', 'home', 'ann', 'tollgate'].join('/')
const registryUrl = ['https://registry', 'example', 'org'].join('.')

const trials: readonly Trial[] = [
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

onTrial(trials)

test('every law is on trial', () => {
  const laws: unknown[] = [sources, repository].flatMap((room) => Object.values(room))
  const tried: unknown[] = trials.map(({ law }) => law)
  expect(laws.filter((law) => !tried.includes(law))).toEqual([])
})
