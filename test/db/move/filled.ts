// A store with rows in every table, coherent, with every kind of value that a column can hold; and what is in one.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { openClient } from '../../../src/db/sqlite/client.ts'
import { makeSchema, migrateSqlite } from '../../../src/db/sqlite/migrate.ts'
import { newFolder } from '../../support/folder.ts'
import { openTestStore } from '../../support/test-store.ts'
import { firstStore } from '../versions.ts'

/** Quotes, escapes of arrays and of JSON, other scripts, controls, and what takes four bytes. */
const text = `'' " \\ {,} NULL \\N $1 %s é 中文 🦩 \uFFFD \u0001\t\r\n\u2028 end `
const json =
  '{"operation":"image_generate",  "count":2, "prompt":"a\\u0000 \\"heron\\"\\n🦩", "big":9007199254740993, "e":1e3}'
const [most, least] = ['9223372036854775807', '-9223372036854775808']

/** What the first version did not have, over the rows that it had. */
const later = (quoted: (value: string) => string): string => `
  UPDATE accounts SET name = ${quoted(text)} WHERE id = 'acc_0';
  UPDATE accounts SET name = '' WHERE id = 'acc_1';
  UPDATE requests SET order_json = ${quoted(json)} WHERE id = 'req_acc_0_0';
  UPDATE tasks SET width = 9007199254740991, error_detail = ${quoted(text)} WHERE id = 'task_acc_0_5_0';
  INSERT INTO idempotency SELECT account_id, id || ' ~!', 'hash', id, 1 FROM requests;
  INSERT INTO parked_orders SELECT id, account_id, 'print', 0, NULL, 9 FROM requests WHERE id LIKE '%_3';
  INSERT INTO early_callbacks SELECT id, 'i2is-' || id, 7 FROM attempts WHERE state = 'open' LIMIT 40;
  INSERT INTO webhook_endpoints SELECT id, 'https://example.com/hook?a=b', NULL, 3 FROM accounts;
  INSERT INTO webhook_choices SELECT id, 'task.failed' FROM accounts;
  INSERT INTO webhook_secrets SELECT 'sec_' || id, id, 'sealed', 3, NULL FROM accounts;
  INSERT INTO sealing_probe VALUES (1, 'sealed');
  INSERT INTO webhook_deliveries (id, account_id, task_id, type, source, url, receiver, body, form, state, due_at, claimed,
    attempts_made, retries_made, last_status, last_error, created_at)
    SELECT 'msg_' || id, account_id, id, 'task.succeeded', 'account', 'https://example.com', 'example.com:443', '{"a": "🦩"}',
    NULL, 'pending', 9000000000000, upstream_task_id LIKE '%1', 1, 0, 500, 'no', 5 FROM tasks WHERE state = 'succeeded';
  INSERT INTO keeps SELECT id, 9, 1, 9000000000000, 9000000000000, 'ins_a' FROM tasks WHERE state = 'storing';
  INSERT INTO instances VALUES ('ins_a', 'process 1', 3, 4);
  INSERT INTO key_pauses VALUES ('a1b2c3', 9);
  INSERT INTO request_counts SELECT id, 9, 5 FROM accounts;
  INSERT INTO key_request_counts SELECT id, 9, 5 FROM keys;
  INSERT INTO key_uses SELECT id, 60000 FROM keys;
  INSERT INTO cap_uses SELECT id, 30, 20261130, 15, 0 FROM keys;
  INSERT INTO acts (created_at, actor, origin, action, target, before_json, after_json)
    VALUES (4, 'cli', NULL, 'createAccount', 'acc_0', NULL, '{"name": "🦩"}');
  INSERT INTO poll_claims VALUES (9, 'ins_1');
  INSERT INTO media SELECT id || '.png', id, 'result', 'disk', 'kept', 'image/png', 12, 5, 9000000000000 FROM tasks WHERE state = 'succeeded';
  INSERT INTO uploads SELECT 'up_' || id, id, 'kept', 'image/png', 12, 5, 9000000000000 FROM accounts;
  INSERT INTO forgotten_attempts VALUES ('att_gone', 'req_gone', 'keevx', 'image_generate', 'hash', 15, 4);
  INSERT INTO forgotten_works VALUES ('keevx', 'i2is-gone', 'att_gone', 'req_gone', 15, 4);
  INSERT INTO strays VALUES ('stray.png', 'disk', ${most});
  INSERT INTO clock VALUES (1, ${most}, ${least}, ${quoted(text)}, 0, -1);
  INSERT INTO closings SELECT 0, id, 0, 0, 0, 0 FROM accounts;
  INSERT INTO rollups_archived SELECT 0, id, '', '', '', '', 0, 0, 0, 0, 0, 0, 0, 0 FROM accounts;
  INSERT INTO rollup_totals VALUES ('day', 0, 'model', ${quoted(text)}, '', 1, 2, 3, 4, 5, 6, ${most}, 8);
  INSERT INTO rollup_seals VALUES ('day', 9600, 9696);
  INSERT INTO reporting_terms VALUES (0, NULL, NULL), (5, 'USD', 10000);
  INSERT INTO alerts VALUES ('alert_0', 'disk', ${quoted(text)}, '{"free_mb":  12}', 5, 6, 9), ('alert_1', 'disk', '', '{}', 5, 6, NULL);
  INSERT INTO alert_messages SELECT 'am_' || id, id, 'fired', 'night', 'failed', NULL, 7, ${quoted(text)}, 5 FROM alerts;
  INSERT INTO copies VALUES (1, ${most});
  INSERT INTO code_batches VALUES ('batch_1', ${quoted(text)}, 5);
  INSERT INTO codes VALUES ('code_1', 'batch_1', 'h1', 'tg-ABCDE-…', 50, NULL, NULL, 'acc_0', 7, 5),
    ('code_2', 'batch_1', 'h2', 'tg-FGHJK-…', 50, 9, 8, NULL, NULL, 5);
  INSERT INTO code_tries VALUES ('acc_0', 9, 3);
  INSERT INTO sessions VALUES ('hash_a', 'acc_0', 'key_0', NULL, NULL, 'key', 5, 6, 7, 'c2VhbGVk'),
    ('hash_b', NULL, NULL, ${quoted(text)}, 'proof', 'token', 5, 6, ${most}, NULL);
  INSERT INTO sign_in_links VALUES ('hash_c', 'acc_0', 5, 9);
  INSERT INTO console_access VALUES ('acc_0', 'key_0', ${quoted('scrypt$1$2$3$YQ==$Yg==')}, 5), ('acc_1', NULL, NULL, NULL);
  INSERT INTO grant_keys VALUES ('bill-7', 'acc_0');
  INSERT INTO orphan_decisions SELECT id, 'write_off', ${quoted(text)}, 0, 5 FROM orphans LIMIT 1;
  INSERT INTO unknown_submits VALUES ('orph_u', 'req_acc_0_0', 'task_acc_0_5_0', 'acc_0', 'keevx', 15, 5);
  INSERT INTO text_removals VALUES (1, 'req_acc_0_0');
  INSERT INTO held_texts VALUES ('req_acc_0_1', 9);
  INSERT INTO erasures VALUES ('acc_gone', 5, 2, 'task_acc_0_5_0', NULL), ('acc_gone_too', 5, 9, '', 6);`

let filled: Buffer | null = null

/** A SQLite file of its own. 84 tasks: many slices, where they are small. */
export function filledFile(): string {
  const file = join(newFolder(), 'store.db')
  filled ??= readFileSync(makeFilled())
  writeFileSync(file, filled)
  return file
}

function makeFilled(): string {
  const file = firstStore(newFolder(), { accounts: 3, requestsEach: 14 })
  const client = openClient(file)
  migrateSqlite(client, file)
  client.exec(later((value) => `'${value.replaceAll("'", "''")}'`))
  client.pragma('wal_checkpoint(TRUNCATE)')
  client.close()
  return file
}

/** Its tables with every value in bytes, asked by SQL of its own: nothing that moves a store is used. */
export async function everythingIn(databaseUrl: string): Promise<Record<string, string[]>> {
  const store = openTestStore(databaseUrl)
  const found: Record<string, string[]> = {}
  for (const [table, columns] of columnsOf()) {
    const cells = columns.map((column) => hexOf(databaseUrl, column)).join(" || ',' || ")
    const rows = await store.rows<{ row: string }>(`SELECT ${cells} AS row FROM ${table}`)
    found[table] = rows.map(({ row }) => row.toLowerCase()).toSorted()
  }
  return found
}

function hexOf(databaseUrl: string, { name, isFlag }: Column): string {
  const hex = databaseUrl.startsWith('file:')
    ? `hex(CAST("${name}" AS BLOB))`
    : `encode(convert_to(CAST(${isFlag ? `CAST("${name}" AS integer)` : `"${name}"`} AS text), 'UTF8'), 'hex')`
  return `CASE WHEN "${name}" IS NULL THEN 'null' ELSE 'x' || ${hex} END`
}

interface Column {
  readonly name: string
  readonly isFlag: boolean
}

/** Flags have numbers for values in SQLite, and words in PostgreSQL. */
const flags = new Set(['cancelled', 'upstream_pending', 'claimed', 'quick'])

/** As the migrations of SQLite make them. */
export function columnsOf(): Map<string, Column[]> {
  const client = new Sqlite(':memory:')
  try {
    makeSchema(client)
    const rows = client
      .prepare<[], { table: string; name: string }>(
        `SELECT m.name AS "table", i.name FROM sqlite_schema m JOIN pragma_table_info(m.name) i
          WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_\\_drizzle%' ESCAPE '\\'`,
      )
      .all()
    const tables = new Map<string, Column[]>()
    for (const { table, name } of rows) {
      tables.set(table, [...(tables.get(table) ?? []), { name, isFlag: flags.has(name) }])
    }
    return tables
  } finally {
    client.close()
  }
}
