// The common interface of queries, over connections to PostgreSQL.
import type { SQL } from 'drizzle-orm'
import type { NodePgSession as Session } from 'drizzle-orm/node-postgres'
import type { Connection, Query } from '../database.ts'
import { binder, rowReader } from '../plan.ts'
import type { Fields, Values } from '../plan.ts'
import { define } from '../tables.ts'
import { postgresKit } from './columns.ts'
import { NodePgSession, pgCore } from './drizzle.ts'
import type { Answer, Statement } from './link/link.ts'

export interface Runner {
  run(statement: Statement): Promise<Answer>
}

/** The parts of drizzle's prepared query for this driver that are used here. */
interface PreparedQuery extends Fields {
  getQuery(): { readonly sql: string; readonly params: readonly unknown[] }
  execute(values: Values): Promise<unknown>
  readonly rawQueryConfig: { readonly name?: string }
}

interface Plan {
  readonly text: string
  readonly name: string | undefined
  readonly bind: (values: Values) => unknown[]
  /** Null: drizzle has to build the rows. */
  readonly read: ((row: readonly unknown[]) => Values) | null
  readonly hasRows: boolean
}

const dialect = new pgCore.PgDialect()
const tables = define(postgresKit)
const plans = new WeakMap<Query, Plan>()

export function connect(runner: Runner): Connection {
  const built = new pgCore.PgDatabase(dialect, sessionOver(runner) as never, undefined)
  const rows = async (query: SQL): Promise<readonly unknown[]> => {
    const { sql: text, params: values } = dialect.sqlToQuery(query)
    return (await runner.run({ text, values })).rows
  }
  const hasTable = async (name: string): Promise<boolean> => {
    const text = 'SELECT to_regclass(quote_ident($1)) IS NOT NULL AS found'
    const [row] = (await runner.run({ text, values: [name] })).rows as { found: boolean }[]
    return row?.found ?? false
  }
  const compile = (query: Query) => {
    const prepare = () => query(connection) as PreparedQuery
    const plan = plans.get(query) ?? planOf(prepare())
    plans.set(query, plan)
    return compiled(runner, plan, prepare)
  }
  const connection = Object.assign(built, { tables, rows, hasTable, compile }) as unknown as Connection
  return connection
}

function compiled(
  runner: Runner,
  { text, name, bind, read, hasRows }: Plan,
  prepare: () => PreparedQuery,
): (values: Values) => Promise<unknown> {
  if (!read && hasRows) {
    const prepared = prepare()
    return async (values) => await prepared.execute(values)
  }
  return async (values) => {
    const answer = await runner.run({ text, name, values: bind(values), rowMode: 'array' })
    return read ? (answer.rows as unknown[][]).map(read) : []
  }
}

function planOf(prepared: PreparedQuery): Plan {
  const { sql: text, params } = prepared.getQuery()
  const { name } = prepared.rawQueryConfig
  return {
    text,
    name,
    bind: binder(params),
    read: rowReader(prepared),
    hasRows: prepared.fields !== undefined,
  }
}

interface Config {
  readonly text: string
  readonly name?: string
  readonly rowMode?: 'array'
}

/** Drizzle's session, whose errors are those of the store: its own would show every value in their message. */
function sessionOver(runner: Runner): Session<never, never> {
  const client = {
    query: async ({ text, name, rowMode }: Config, values: unknown[]) =>
      await runner.run({ text, name, rowMode, values }),
  }
  const session = new NodePgSession(client as never, dialect, undefined)
  const prepareQuery = session.prepareQuery.bind(session)
  session.prepareQuery = (...input) =>
    Object.assign(prepareQuery(...input), {
      queryWithCache: async (_text: string, _values: unknown, query: () => Promise<unknown>) => await query(),
    })
  return session as Session<never, never>
}
