// Detects damage that the store itself can reveal: a schema that was altered, guards that were lifted, rows that break them.
import { StoreRefused } from '../../errors.ts'
import type { Examination } from '../../dialect.ts'
import { markTable } from '../../move/mark.ts'
import type { Link } from '../link/link.ts'
import { makeTemporarySchema, schemaAge } from '../migrate.ts'
import type { Place } from '../migrate.ts'
import { briefly, requireOwnBackends, withLink } from '../place.ts'
import { openingRefused } from '../refused.ts'

/** The first few are enough. */
const complaintsMax = 5
/** Every row of every table is read. */
const examiningMs = 10 * 60_000

export async function examine(place: Place): Promise<Examination> {
  try {
    await requireOwnBackends(place)
    return await withLink(place, { ...briefly, statementMs: examiningMs }, async (link) => {
      const schema = await schemaAge(link)
      if (schema === 'none') throw new StoreRefused(`There is no store at ${place.name}.`)
      if (schema !== 'current') return { schema, damage: [] }
      const damage = [...(await alteredSchema(link)), ...(await brokenRows(link))]
      return { schema, damage: damage.slice(0, complaintsMax) }
    })
  } catch (error) {
    throw openingRefused(place.name, error)
  }
}

/** Compared with this version's schema, made for a moment among the temporary tables of this connection. */
async function alteredSchema(link: Link): Promise<string[]> {
  const found = await objectsOf(link, 'current_schema()')
  await link.run({ text: 'BEGIN' })
  try {
    await makeTemporarySchema(link)
    const wanted = await objectsOf(link, '(SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema())')
    return [
      ...[...wanted.keys()].filter((name) => !found.has(name)).map((name) => `${name} is missing`),
      ...[...wanted]
        .filter(([name, definition]) => found.has(name) && found.get(name) !== definition)
        .map(([name]) => `${name} is not as this version makes it`),
      ...[...found.keys()]
        .filter((name) => !wanted.has(name))
        .map((name) => `${name} is not of this version`),
    ]
  } finally {
    await link.run({ text: 'ROLLBACK' })
  }
}

/** Columns, constraints, indexes, triggers and functions, each with its definition; not those of an extension. */
async function objectsOf(link: Link, schema: string): Promise<Map<string, string>> {
  const rows = await link.ask<{ name: string; definition: string }>(
    `WITH s AS (SELECT oid, nspname FROM pg_namespace WHERE nspname = ${schema}),
      t AS (SELECT c.oid, c.relname FROM pg_class c JOIN s ON c.relnamespace = s.oid WHERE c.relkind IN ('r', 'p') AND c.relname <> '${markTable}')
    SELECT 'column ' || t.relname || '.' || a.attname AS name, format_type(a.atttypid, a.atttypmod) || ' '
      || a.attnotnull::text || ' ' || a.attidentity::text || ' ' || coalesce((SELECT collname::text FROM pg_collation WHERE oid = a.attcollation), '')
      || ' ' || CASE WHEN a.attidentity::text = '' AND t.relname <> '__drizzle_migrations' THEN coalesce(pg_get_expr(d.adbin, d.adrelid), '') ELSE '' END AS definition
      FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
    UNION ALL SELECT 'constraint ' || t.relname || '.' || k.conname, pg_get_constraintdef(k.oid) || ' ' || k.convalidated::text
      FROM t JOIN pg_constraint k ON k.conrelid = t.oid WHERE k.contype <> 'n'
    UNION ALL SELECT 'index ' || i.relname, pg_get_indexdef(i.oid) || ' ' || x.indisvalid::text
      FROM t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
    UNION ALL SELECT 'trigger ' || g.tgname, pg_get_triggerdef(g.oid) || ' ' || g.tgenabled::text
      FROM t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
    UNION ALL SELECT 'guard of a reference ' || k.conname || ' ' || g.tgtype::text, bool_and(g.tgenabled = 'O')::text
      FROM t JOIN pg_trigger g ON g.tgrelid = t.oid JOIN pg_constraint k ON k.oid = g.tgconstraint
      WHERE g.tgisinternal GROUP BY k.conname, g.tgtype
    UNION ALL SELECT 'function ' || p.proname, p.prosrc FROM pg_proc p JOIN s ON p.pronamespace = s.oid
      WHERE NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')`,
  )
  const [place] = await link.ask<{ name: string }>(`SELECT ${schema} AS name`)
  // A table of the search path may be named with or without its schema, quoted or not.
  const unplaced = (text: string): string =>
    [`${place?.name}.`, 'pg_temp.'].reduce((rest, prefix) => rest.replaceAll(prefix, ''), text)
  return new Map(rows.map(({ name, definition }) => [name, unplaced(definition)]))
}

interface Constraint {
  readonly name: string
  readonly table: string
  readonly type: 'c' | 'f'
  readonly parent: string
  readonly column: string
  readonly key: string
  readonly condition: string
}

/** Constraints hold for what is written while they are in force; rows may be older, or have been written without. */
async function brokenRows(link: Link): Promise<string[]> {
  const constraints = await link.ask<Constraint>(
    `SELECT k.conname AS name, k.conrelid::regclass::text AS "table", k.contype AS type,
      k.confrelid::regclass::text AS parent, quote_ident(a.attname) AS "column", quote_ident(p.attname) AS key,
      pg_get_expr(k.conbin, k.conrelid) AS condition FROM pg_constraint k
      LEFT JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
      LEFT JOIN pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = k.confkey[1]
      WHERE k.connamespace = current_schema()::regnamespace AND k.contype IN ('c', 'f')`,
  )
  const damage: string[] = []
  for (const constraint of constraints) {
    const [broken] = await link.ask(brokenBy(constraint))
    if (broken) damage.push(`a row of ${constraint.table} breaks ${constraint.name}`)
  }
  return damage
}

const brokenBy = ({ table, type, parent, column, key, condition }: Constraint): string =>
  type === 'c'
    ? `SELECT 1 FROM ${table} WHERE NOT (${condition}) LIMIT 1`
    : `SELECT 1 FROM ${table} c WHERE c.${column} IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM ${parent} p WHERE p.${key} = c.${column}) LIMIT 1`
