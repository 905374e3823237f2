// Queries of the hot path, built once: building one costs more than running it.
import { hash } from 'node:crypto'
import { and, eq, inArray, sql } from './drizzle.ts'
import type { Connection, Query, StatementOptions, Tx } from './database.ts'
import type { Tables } from './tables.ts'

interface Preparable {
  prepare(name: string): unknown
  toSQL(): { readonly sql: string }
}

/** PostgreSQL truncates names to 63 bytes, which could make two statements share a name. */
const nameBytesMax = 63

/**
 * Contains a hash of the text, so that no two statements share a name, preceded by words for people who read
 * logs.
 */
export function statementName(words: string, text: string): string {
  const mark = hash('sha256', text).slice(0, 20)
  const plain = words.replaceAll(/[^a-z0-9]+/gi, '_')
  return `${plain.slice(0, nameBytesMax - mark.length - 2)}_${mark}`
}

/** A query with placeholders, called as `query(connection, values)`. The name is for people. */
export function statement<Row>(
  name: string,
  build: (connection: Connection) => unknown,
  options?: StatementOptions,
): (connection: Connection, values: Readonly<Record<string, unknown>>) => Row[] | Promise<Row[]> {
  const runOf = new WeakMap<Connection, (values: Readonly<Record<string, unknown>>) => unknown>()
  const query: Query = (connection) => {
    const built = build(connection) as Preparable
    return built.prepare(statementName(name, built.toSQL().sql))
  }
  // Not async: if rows are available synchronously, a promise would only cost time.
  return (connection, values) => {
    let run = runOf.get(connection)
    if (!run) {
      run = connection.compile(query, options)
      runOf.set(connection, run)
    }
    return run(values) as Row[] | Promise<Row[]>
  }
}

type StatefulTable = 'requests' | 'tasks' | 'attempts'

interface UpdateTarget<Name extends StatefulTable> {
  readonly table: Name
  readonly by: 'id' | 'requestId'
}

/** From which states, and to which values. */
interface Move<Row> {
  readonly from: readonly (Row extends { readonly state: infer State } ? State : never)[]
  readonly to: Partial<Row>
}

type Update<Row, Returned> = (tx: Tx, value: string, move: Move<Row>) => Promise<Returned[]>

/**
 * Updates the rows whose `by` column has a value and whose state is in `from`, and returns the updated rows;
 * none means that another update came first. One statement is cached for each set of columns and states.
 */
export function conditionalUpdate<Name extends StatefulTable>(
  target: UpdateTarget<Name>,
): Update<Tables[Name]['$inferSelect'], Tables[Name]['$inferSelect']> {
  return keptUpdates(target, (update) => update.returning())
}

/** The same if only the ids of updated rows are needed. */
export function conditionalUpdateOfIds<Name extends StatefulTable>(
  target: UpdateTarget<Name>,
): Update<Tables[Name]['$inferSelect'], { readonly id: string }> {
  return keptUpdates(target, (update, { id }) => update.returning({ id }))
}

function keptUpdates<Name extends StatefulTable, Returned>(
  { table, by }: UpdateTarget<Name>,
  returning: (update: ReturnType<typeof buildUpdate>, columns: Tables['tasks']) => unknown,
): Update<Tables[Name]['$inferSelect'], Returned> {
  const updates = new Map<string, ReturnType<typeof statement<Returned>>>()
  return async (tx, value, { from, to }) => {
    const columns = Object.keys(to)
    const name = `${table} by ${by} from ${from.join(' ')} set ${columns.join(' ')}`
    let update = updates.get(name)
    if (!update) {
      const build = (connection: Connection) => {
        // The three tables have these columns; their types differ too much to express that.
        const target = connection.tables[table] as Tables['tasks']
        return returning(buildUpdate(connection, { target, by, from, columns }), target)
      }
      update = statement<Returned>(name, build, { row: 'byValue' })
      updates.set(name, update)
    }
    return await update(tx, { ...to, byValue: value })
  }
}

interface UpdateParts {
  readonly target: Tables['tasks']
  readonly by: 'id' | 'requestId'
  readonly from: readonly unknown[]
  readonly columns: readonly string[]
}

function buildUpdate(connection: Connection, { target, by, from, columns }: UpdateParts) {
  const change = Object.fromEntries(columns.map((column) => [column, sql.placeholder(column)]))
  return connection
    .update(target)
    .set(change)
    .where(and(eq(target[by], sql.placeholder('byValue')), inArray(target.state, [...from] as never)))
}
