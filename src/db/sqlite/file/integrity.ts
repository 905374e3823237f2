// Detects damage that the store itself can reveal: pages, indexes, references, and the guards on credits.
import Sqlite from 'better-sqlite3'
import { markTable } from '../../move/mark.ts'
import { makeSchema } from '../migrate.ts'

/** The first few are enough for a broken file. */
const complaintsMax = 5

/**
 * One message per damage, empty if none. Throws SQLite's error if the file cannot even be read. On a
 * read-only connection SQLite skips the schema's CHECKs: the audit of the ledger repeats those.
 */
export function damageIn(client: Sqlite.Database): string[] {
  // With this a cell that extends beyond its page is noticed before it is read.
  client.pragma('cell_size_check = ON')
  const found = client.pragma(`integrity_check(${complaintsMax})`) as { integrity_check: string }[]
  const complaints = found.map((row) => row.integrity_check).filter((words) => words !== 'ok')
  // References are checked through indexes, which are unreliable in a damaged file.
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

/** Tables, indexes and triggers that differ from this version's; for a store with this version's schema. */
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
    rows
      .filter(({ name }) => !name.startsWith('table sqlite_') && name !== `table ${markTable}`)
      .map(({ name, sql }) => [name, sql]),
  )
}
