// What is damaged in a store, as far as the store itself can tell: pages, indexes, references, and the guards of the money.
import Sqlite from 'better-sqlite3'
import { makeSchema } from '../migrate.ts'

/** The first few say enough of a file that is broken. */
const complaintsMax = 5

/**
 * In words, nothing where nothing was found. Throws what SQLite throws where it cannot even read. Of a connection
 * that may only read, SQLite leaves the CHECKs of the schema out: those are asked again by the audit of the ledger.
 */
export function damageIn(client: Sqlite.Database): string[] {
  // A cell that reaches beyond its page is then noticed before it is read.
  client.pragma('cell_size_check = ON')
  const found = client.pragma(`integrity_check(${complaintsMax})`) as { integrity_check: string }[]
  const complaints = found.map((row) => row.integrity_check).filter((words) => words !== 'ok')
  // References are looked up by indexes: those of a damaged file say nothing.
  return complaints.length > 0 ? complaints : brokenReferences(client)
}

interface BrokenReference {
  readonly table: string
  readonly rowid: number
  readonly parent: string
}

function brokenReferences(client: Sqlite.Database): string[] {
  const broken = client.pragma('foreign_key_check') as BrokenReference[]
  return broken
    .slice(0, complaintsMax)
    .map(({ table, rowid, parent }) => `row ${rowid} of ${table} names a row of ${parent} that is not there`)
}

/** Tables, indexes and triggers that are not as this version makes them; for a store of this version's schema. */
export function alteredSchema(client: Sqlite.Database): string[] {
  const fresh = new Sqlite(':memory:')
  try {
    makeSchema(fresh)
    const [wanted, found] = [schemaOf(fresh), schemaOf(client)]
    const missing = [...wanted.keys()].filter((name) => !found.has(name))
    const altered = [...wanted].filter(([name, sql]) => found.has(name) && found.get(name) !== sql)
    const strange = [...found.keys()].filter((name) => !wanted.has(name))
    return [
      ...missing.map((name) => `${name} is missing`),
      ...altered.map(([name]) => `${name} is not as this version makes it`),
      ...strange.map((name) => `${name} is not of this version`),
    ].slice(0, complaintsMax)
  } finally {
    fresh.close()
  }
}

function schemaOf(client: Sqlite.Database): Map<string, string> {
  const rows = client
    .prepare("SELECT type || ' ' || name AS name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    .all() as { name: string; sql: string }[]
  return new Map(
    rows.filter(({ name }) => !name.startsWith('table sqlite_')).map(({ name, sql }) => [name, sql]),
  )
}
