// What `npm run migration` makes of what drizzle-kit writes.
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { madeStrict } from '../../scripts/strict.ts'

const generated = `CREATE TABLE \`one\` (
	\`id\` text PRIMARY KEY NOT NULL,
	\`count\` integer NOT NULL,
	CONSTRAINT "one_count" CHECK("one"."count" >= 0 AND "one"."id" <> ');')
);
--> statement-breakpoint
CREATE INDEX \`one_count\` ON \`one\` (\`count\`);--> statement-breakpoint
CREATE TABLE \`two\` (
	\`id\` text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
ALTER TABLE \`one\` ADD \`more\` text;`

test('every table is strict, and nothing else is changed', () => {
  const strict = madeStrict(generated)
  expect(strict.replaceAll(') STRICT;', ');')).toBe(generated)
  const client = new Sqlite(':memory:')
  for (const statement of strict.split('--> statement-breakpoint')) client.exec(statement)
  const tables = client.pragma('table_list') as { name: string; strict: number }[]
  expect(tables.filter(({ name }) => !name.startsWith('sqlite_')).map(({ strict: is }) => is)).toEqual([1, 1])
  client.close()
})

test('one that is strict already stays as it is', () => {
  const strict = madeStrict(generated)
  expect(madeStrict(strict)).toBe(strict)
})
