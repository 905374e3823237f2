// A PostgreSQL store as tests see it. Each statement has a connection of its own, as another process would.
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { sql as query } from 'drizzle-orm'
import { onTestFinished, vi } from 'vitest'
import { lockSpace, writerLock } from '../../../src/db/postgres/link/locks.ts'
import type { Lifted, Row, TestDialect, TestStore, Trigger, Value } from './dialect.ts'
import { databaseOf, dropDatabase, onServer, placeFreshDatabase, urlOf } from './postgres-server.ts'

export const postgres: TestDialect = {
  name: 'PostgreSQL',
  copies: 'by tools',
  scheme: 'postgres:',
  environment: { SEALING_KEY: Buffer.alloc(32, 'the sealing key of tests').toString('base64') },
  newUrl() {
    const database = `store_${randomBytes(9).toString('hex')}`
    dropWhenOver(database)
    return urlOf(database)
  },
  placeFresh: async (databaseUrl) => await placeFreshDatabase(databaseOf(databaseUrl)),
  discard: async (databaseUrl) => await dropDatabase(databaseOf(databaseUrl)),
  open,
  watch() {
    const asked = vi.spyOn(pg.Client.prototype, 'query')
    return {
      asked: () => asked.mock.calls.map(([statement]) => textOf(statement)),
      restore: () => asked.mockRestore(),
    }
  },
}

/** A gateway that several tests share is stopped after them, and discards its store itself. */
function dropWhenOver(database: string): void {
  try {
    onTestFinished(async () => await dropDatabase(database))
  } catch {
    // No test is running.
  }
}

const textOf = (statement: unknown): string =>
  typeof statement === 'string' ? statement : String((statement as { text?: string }).text)

function open(databaseUrl: string): TestStore {
  const database = databaseOf(databaseUrl)
  const held = new Set<pg.Client>()
  const release = async (client: pg.Client): Promise<void> => {
    if (held.delete(client)) await client.end()
  }
  const on = async <Result>(work: (client: pg.Client) => Promise<Result>) => await onServer(work, database)
  const change = async (sql: string, values?: readonly Value[]): Promise<void> =>
    await on(async (client) => await inTransaction(client, async () => await run(client, sql, values)))
  return {
    databaseUrl,
    rows: async <Shape>(sql: string, values: readonly Value[] = []) =>
      await on(async (client) => {
        await client.query('SET default_transaction_read_only = on')
        return (await run(client, sql, values)).rows as Shape[]
      }),
    write: change,
    spoil: async (sql, lifted) => await on(async (client) => await spoil(client, sql, lifted)),
    insert: async (groups) => await on(async (client) => await insert(client, groups)),
    addTrigger: async (trigger) => await change(sqlOf(trigger)),
    async hold() {
      const client = new pg.Client({ connectionString: databaseUrl })
      // The database may be dropped first.
      client.on('error', () => undefined)
      held.add(client)
      await client.connect()
      await client.query(`SELECT pg_advisory_lock(${lockSpace}, ${writerLock})`)
      return async () => await release(client)
    },
    deferReferences: async (tx) => void (await tx.rows(query.raw(deferred))),
    busyError: () =>
      Object.assign(new Error('canceling statement due to lock timeout'), {
        code: '55P03',
        severity: 'ERROR',
      }),
    commits: async () => (await on(async (client) => await run(client, turns))).rows[0].turns,
    bytes: async () => Buffer.from(await on(everything)),
    planOf: async (statement) => await on(async (client) => await planOf(client, statement)),
    close: async () => void (await Promise.all([...held].map(release))),
  }
}

const types = {
  getTypeParser: (type: number) => {
    if (type === 16) return (text: string) => Number(text === 't')
    return [20, 21, 23, 26, 701, 1700].includes(type) ? Number : (text: string) => text
  },
}

async function run(client: pg.Client, sql: string, values?: readonly Value[]): Promise<pg.QueryResult> {
  let at = 0
  const text = values ? sql.replaceAll('?', () => `$${(at += 1)}`) : sql
  return await client.query({ text, types, ...(values && values.length > 0 && { values: [...values] }) })
}

async function inTransaction(client: pg.Client, work: () => Promise<unknown>): Promise<void> {
  await client.query('BEGIN')
  await work()
  await client.query('COMMIT')
}

/** Each turn of a writer is a commit. */
const turns = 'SELECT coalesce(sum(turn), 0) AS turns FROM writers'

const deferred = `DO $$ DECLARE k record; BEGIN
  FOR k IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
  LOOP EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE INITIALLY DEFERRED', k.owner, k.conname); END LOOP;
END $$`

/** The triggers of references are the server's own; constraints that do not hold come back as not validated. */
async function spoil(client: pg.Client, sql: string, lifted: Lifted): Promise<void> {
  if (lifted === 'references') {
    const { rows } =
      await client.query(`SELECT format('ALTER TABLE %s %%s TRIGGER %I', tgrelid::regclass, tgname) AS alter
      FROM pg_trigger WHERE tgisinternal`)
    const all = (verb: string) => rows.map(({ alter }) => String(alter).replace('%s', verb)).join('; ')
    return await inTransaction(client, async () => {
      await client.query(`${all('DISABLE')}; ${sql}; ${all('ENABLE')}`)
    })
  }
  const { rows } = await client.query(`SELECT conrelid::regclass AS owner, quote_ident(conname) AS name,
    pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE contype = 'c'
    AND connamespace = current_schema()::regnamespace`)
  const drop = rows.map(({ owner, name }) => `ALTER TABLE ${owner} DROP CONSTRAINT ${name}`)
  const add = rows.map(
    ({ owner, name, definition }) =>
      `ALTER TABLE ${owner} ADD CONSTRAINT ${name} ${String(definition).replace(/ NOT VALID$/, '')} NOT VALID`,
  )
  await inTransaction(client, async () => {
    const lift = "SET LOCAL session_replication_role = 'replica'"
    await client.query([...drop, lift, sql, ...add].join(';\n'))
  })
}

/** As many values as one statement may have. */
const valuesMax = 60_000

async function insert(
  client: pg.Client,
  groups: Iterable<Readonly<Record<string, readonly Row[]>>>,
): Promise<void> {
  for (const group of groups) {
    await inTransaction(client, async () => {
      for (const [table, rows] of Object.entries(group)) await insertInto(client, table, rows)
    })
  }
  await client.query('ANALYZE')
}

/** All rows have the columns of the first. */
async function insertInto(client: pg.Client, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
  if (columns.length === 0) return
  const atOnce = Math.floor(valuesMax / columns.length)
  for (let from = 0; from < rows.length; from += atOnce) {
    const some = rows.slice(from, from + atOnce)
    const places = some.map(
      (_, row) => `(${columns.map((__, at) => `$${row * columns.length + at + 1}`).join(', ')})`,
    )
    await client.query(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${places.join(', ')}`,
      some.flatMap((row) => columns.map((column) => row[column] ?? null)),
    )
  }
}

function sqlOf({ name, on, when = 'true', does, refuses }: Trigger): string {
  const body = refuses === undefined ? does : `RAISE EXCEPTION '${refuses}' USING ERRCODE = '23000'`
  return `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF ${when} THEN ${body}; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$;
    CREATE TRIGGER ${name} ${on} FOR EACH ROW EXECUTE FUNCTION ${name}()`
}

async function everything(client: pg.Client): Promise<string> {
  const { rows } = await client.query(
    'SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = current_schema()',
  )
  const texts: string[] = []
  for (const { name } of rows) {
    const found = await client.query(`SELECT t::text AS row FROM ${name} t`)
    texts.push(...found.rows.map(({ row }) => String(row)))
  }
  return texts.join('\n')
}

/** As `EXPLAIN` words them, where an index is taken if there is one: the tables of tests are small. */
async function planOf(client: pg.Client, statement: string): Promise<string[]> {
  let at = 0
  const text = statement.replaceAll('?', () => `$${(at += 1)}`)
  const count = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)))
  await client.query(
    'SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_bitmapscan = off',
  )
  await client.query(`PREPARE explained AS ${text}`)
  const blanks = count === 0 ? '' : `(${Array.from({ length: count }, () => 'NULL').join(', ')})`
  const { rows } = await client.query(`EXPLAIN EXECUTE explained${blanks}`)
  return rows.map((row) => String(row['QUERY PLAN']).trim())
}
