// The common interface of queries, over connections to PostgreSQL.
import type { SQL } from 'drizzle-orm'
import type { NodePgSession as Session } from 'drizzle-orm/node-postgres'
import type { Connection, Query, StatementOptions } from '../database.ts'
import { is, Param, Placeholder } from '../drizzle.ts'
import { binder, rowReader } from '../plan.ts'
import type { Fields, Values } from '../plan.ts'
import { define } from '../tables.ts'
import { postgresKit } from './columns.ts'
import { statementName } from '../statement.ts'
import { NodePgSession, pgCore } from './drizzle.ts'
import { forEach } from './joined/each.ts'
import { inTurn, join } from './joined/join.ts'
import type { Joinable, Joining } from './joined/join.ts'
import type { Answer, Statement } from './link/link.ts'
import { isTable } from './link/tables.ts'

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
  /** The same for many items; null: it runs for one at a time. */
  readonly each: ReturnType<typeof forEach>
  /** A read that takes no values. */
  readonly isShared: boolean
  /** Where the row that it changes is named among its parameters; null: it changes none that is there. */
  readonly rowAt: number | null
}

const dialect = new pgCore.PgDialect()
const tables = define(postgresKit)
const plans = new WeakMap<Query, Plan>()

export function connect(runner: Runner, joining: Joining = inTurn): Connection {
  const built = new pgCore.PgDatabase(dialect, sessionOver(runner) as never, undefined)
  const rows = async (query: SQL): Promise<readonly unknown[]> => {
    const { sql: text, params: values } = dialect.sqlToQuery(query)
    return (await runner.run({ text, values })).rows
  }
  const hasTable = async (name: string): Promise<boolean> => {
    const text = `SELECT ${isTable} AS found`
    const [row] = (await runner.run({ text, values: [name] })).rows as { found: boolean }[]
    return row?.found ?? false
  }
  const compile = (query: Query, options: StatementOptions = {}) => {
    const prepare = () => query(connection) as PreparedQuery
    const plan = plans.get(query) ?? planOf(prepare(), options)
    plans.set(query, plan)
    return compiled({ runner, joining }, plan, prepare)
  }
  const parts = { tables, rows, hasTable, compile, joins: true, isRemote: true }
  const connection = Object.assign(built, parts) as unknown as Connection
  return connection
}

interface Way {
  readonly runner: Runner
  readonly joining: Joining
}

function compiled(way: Way, plan: Plan, prepare: () => PreparedQuery): (values: Values) => Promise<unknown> {
  const { text, name, bind, read, hasRows, each } = plan
  if (!read && hasRows) {
    const prepared = prepare()
    return async (values) => await prepared.execute(values)
  }
  const rowsOf = (answer: Answer): unknown[] => (read ? (answer.rows as unknown[][]).map(read) : [])
  const one = async (values: readonly unknown[]) =>
    rowsOf(await way.runner.run({ text, name, values, rowMode: 'array' }))
  const joined = each && eachOf(way.runner, plan, each)
  const run = join({ one, each: joined, isShared: plan.isShared, rowOf: rowOf(plan) }, way.joining)
  return (values) => run(bind(values))
}

const rowOf = ({ rowAt }: Plan): Joinable['rowOf'] => (rowAt === null ? null : (item) => item[rowAt])

function eachOf(
  runner: Runner,
  { name, read }: Plan,
  each: NonNullable<Plan['each']>,
): NonNullable<Joinable['each']> {
  const names = new Map<string, string>()
  return async (items) => {
    const text = each.text(items)
    const eachName = names.get(text) ?? statementName(`each ${name}`, text)
    names.set(text, eachName)
    const { rows } = await runner.run({ text, name: eachName, values: each.values(items), rowMode: 'array' })
    const found: unknown[][] = items.map(() => [])
    if (!read) return found
    for (const row of rows as unknown[][]) found[Number(row.at(-1)) - 1]?.push(read(row))
    return found
  }
}

function planOf(prepared: PreparedQuery, { row }: StatementOptions): Plan {
  const { sql: text, params } = prepared.getQuery()
  const { name } = prepared.rawQueryConfig
  const rowAt = row === undefined ? null : placeOf(params, row)
  const needsRow = text.startsWith('update ') || text.includes(' on conflict ')
  const each = needsRow && rowAt === null ? null : forEach({ text, params })
  return {
    text,
    name,
    bind: binder(params),
    read: rowReader(prepared),
    hasRows: prepared.fields !== undefined,
    each,
    isShared: params.length === 0 && text.startsWith('select '),
    rowAt,
  }
}

function placeOf(params: readonly unknown[], name: string): number {
  const at = params.findIndex((param) => {
    const value = is(param, Param) ? param.value : param
    return is(value, Placeholder) && value.name === name
  })
  if (at < 0) throw new Error(`no placeholder of the query is named ${name}`)
  return at
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
