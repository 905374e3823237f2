// What `npm run migration` makes of what drizzle-kit writes.
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { inBytesOrder, madeStrict, triggersInForce, withTriggers } from '../../scripts/migration-text.ts'
import { makeSchema } from '../../src/db/sqlite/migrate.ts'

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

test('a table that is built anew keeps its triggers', () => {
  const client = new Sqlite(':memory:')
  makeSchema(client)
  const triggers = () =>
    client.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name").all()
  const before = triggers()
  const table = 'webhook_deliveries'
  const made = client.prepare('SELECT sql FROM sqlite_schema WHERE name = ?').pluck().get(table) as string
  const rebuilding = [
    'PRAGMA foreign_keys=OFF;',
    `\n${made.replaceAll(table, `__new_${table}`)};`,
    `\nINSERT INTO \`__new_${table}\` SELECT * FROM \`${table}\`;`,
    `\nDROP TABLE \`${table}\`;`,
    `\nALTER TABLE \`__new_${table}\` RENAME TO \`${table}\`;`,
    '\nPRAGMA foreign_keys=ON;',
  ].join('--> statement-breakpoint')
  const text = withTriggers(rebuilding, triggersInForce())
  expect(text).not.toContain('PRAGMA')
  client.pragma('foreign_keys = OFF')
  for (const statement of rebuilding.split('--> statement-breakpoint')) client.exec(statement)
  expect(triggers().length).toBeLessThan(before.length)
  for (const statement of text.split('--> statement-breakpoint')) client.exec(statement)
  expect(triggers()).toEqual(before)
  client.close()
})

test('a migration that builds no table anew gets no triggers', () => {
  expect(withTriggers(`${generated}\n`, triggersInForce())).toBe(`${generated}\n`)
})

test('texts of PostgreSQL are in the order of their bytes, in whatever schema; nothing else is changed', () => {
  const written = [
    'CREATE TABLE "one" (\n\t"id" text PRIMARY KEY NOT NULL,\n\t"texts" bigint\n);',
    'ALTER TABLE "one" ADD COLUMN "more" text;',
    'ALTER TABLE "two" ADD CONSTRAINT "two_one" FOREIGN KEY ("one_id") REFERENCES "public"."one"("id");',
  ].join('\n')
  const sql = inBytesOrder(written)
  expect(sql.match(/COLLATE "C"/g)).toHaveLength(2)
  expect(sql).toContain('"id" text COLLATE "C" PRIMARY KEY')
  expect(sql).not.toContain('public')
  expect(inBytesOrder(sql)).toBe(sql)
})
